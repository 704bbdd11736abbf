use async_trait::async_trait;
use bson::{Bson, Document, doc};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::store::{Journeys, NotInList, Page, StoreError, Write, WriteError};
use kairos_domain::usage::UsageChange;

use super::MongoStore;
use super::documents::{self, JourneyDocument, changing_fields, is_being_deleted, journey_document, oid};
use super::transaction::{Abort, Transaction};

#[async_trait]
impl Journeys for MongoStore {
    async fn insert_journey(&self, journey: &Journey, write: &Write) -> Result<(), WriteError> {
        let db = &self.connection;
        let document = &journey_document(journey);
        let act = |transaction: Transaction| async move {
            self.take_key(&transaction, write).await?;
            let change = UsageChange {
                journeys: 1,
                bytes: journey.text_bytes(),
                markers: 0,
            };
            self.charge(&transaction, write, change).await?;
            if journey.status == JourneyStatus::Active {
                self.switch_off_other_than(&transaction, journey).await?;
            }
            let journeys = db.journeys.clone_with_type::<Document>();
            transaction.insert(journeys.insert_one(document)).await?;
            Ok(())
        };
        db.write(act).await
    }

    async fn journey(&self, id: JourneyId, reader: UserId) -> Result<Option<Journey>, StoreError> {
        let document = self.connection.journeys_by_id.document(id.0).await?;
        let Some(document) = document.filter(|journey| !is_being_deleted(journey)) else {
            return Ok(None);
        };
        let journey = documents::journey(&document)?;
        // The journey of a deleted rider is invisible. The reader exists.
        let exists = journey.user_id == reader
            || (journey.is_visible_to(reader) && self.user_document(journey.user_id).await?.is_some());
        Ok(exists.then_some(journey))
    }

    async fn journeys_of(
        &self,
        user_id: UserId,
        reader: UserId,
        page: Page<JourneyId>,
    ) -> Result<Result<Vec<Journey>, NotInList>, StoreError> {
        let db = &self.connection;
        let mut visible = doc! { "user_id": oid(user_id.0), "is_being_deleted": Bson::Null };
        if reader != user_id {
            visible.insert("visibility", doc! { "$ne": Visibility::Private.as_str() });
        }
        // The page is cut here, since `created_at` may be absent in old documents. A rider has at most 1000
        // journeys.
        let (journeys, rider) = tokio::try_join!(
            db.all(db.journeys.find(visible).sort(doc! { "created_at": 1, "_id": 1 })),
            async {
                match reader == user_id {
                    true => Ok(true),
                    false => self.user_document(user_id).await.map(|rider| rider.is_some()),
                }
            }
        )?;
        let journeys = journeys
            .iter()
            .filter(|_| rider)
            .map(|journey| documents::journey(journey));
        let mut journeys = journeys.collect::<Result<Vec<_>, _>>()?;
        journeys.sort_by_key(|journey| (journey.created_at, journey.id));
        Ok(page.cut(journeys, |journey| journey.id))
    }

    async fn active_journey(&self, user_id: UserId, reader: UserId) -> Result<Option<Journey>, StoreError> {
        let db = &self.connection;
        let active = doc! {
            "user_id": oid(user_id.0), "active": true, "completed": { "$ne": true }, "is_being_deleted": Bson::Null,
        };
        let Some(document) = db.call(db.journeys.find_one(active)).await? else {
            return Ok(None);
        };
        let journey = documents::journey(&document)?;
        let exists = user_id == reader
            || (journey.is_visible_to(reader) && self.user_document(user_id).await?.is_some());
        Ok(exists.then_some(journey))
    }

    async fn replace_journey(
        &self,
        before: &Journey,
        after: &Journey,
        write: &Write,
    ) -> Result<(), WriteError> {
        let act = |transaction: Transaction| async move {
            self.take_key(&transaction, write).await?;
            if after.status == JourneyStatus::Active {
                self.switch_off_other_than(&transaction, after).await?;
            }
            let change = UsageChange {
                bytes: after.text_bytes() - before.text_bytes(),
                ..UsageChange::default()
            };
            let update = doc! { "$set": changing_fields(after), "$inc": { "usage.bytes": change.bytes } };
            let stored = self.replace_journey_as_seen(&transaction, before, update).await?;
            if let Some(usage) = stored.usage() {
                usage.after(change).map_err(WriteError::Full)?;
                self.charge(&transaction, write, change).await
            } else {
                self.charge(&transaction, write, UsageChange::default()).await?;
                self.rebuild_journey(&transaction, after.id).await
            }
        };
        self.connection.write(act).await
    }

    async fn delete_journey(&self, before: &Journey, write: &Write) -> Result<(), WriteError> {
        let act = |transaction: Transaction| async move {
            self.take_key(&transaction, write).await?;
            // From here on nobody reads the journey, nor its markers, which are reached through it.
            let mark = doc! { "$set": { "is_being_deleted": true, "active": false } };
            let stored = self.replace_journey_as_seen(&transaction, before, mark).await?;
            let change = stored.usage().map(|usage| UsageChange {
                journeys: -1,
                bytes: -usage.bytes,
                markers: 0,
            });
            self.charge(&transaction, write, change.unwrap_or_default())
                .await?;
            if Self::is_one_batch(&[stored]) {
                self.remove_journeys(&transaction, &[before.id]).await?;
            }
            Ok(())
        };
        self.connection.write(act).await
    }
}

impl MongoStore {
    /// Updates a journey if it still equals `before`. Returns the journey as it was.
    async fn replace_journey_as_seen(
        &self,
        transaction: &Transaction,
        before: &Journey,
        update: Document,
    ) -> Result<JourneyDocument, Abort> {
        let there = doc! { "_id": oid(before.id.0), "is_being_deleted": Bson::Null };
        let stored = self.connection.journeys.find_one_and_update(there, update);
        let stored = transaction
            .find_one_and_update(stored)
            .await?
            .ok_or(WriteError::Changed)?;
        if documents::journey(&stored)? == *before {
            Ok(JourneyDocument::read(&stored)?)
        } else {
            Err(WriteError::Changed.into())
        }
    }

    /// Deactivates the rider's other active journey.
    async fn switch_off_other_than(&self, transaction: &Transaction, journey: &Journey) -> Result<(), Abort> {
        let active =
            doc! { "user_id": oid(journey.user_id.0), "active": true, "_id": { "$ne": oid(journey.id.0) } };
        let off = doc! { "$set": { "active": false } };
        let others = self.connection.journeys.update_many(active, off);
        transaction.update(others).await.map(drop)
    }
}
