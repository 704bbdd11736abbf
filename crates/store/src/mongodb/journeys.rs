use async_trait::async_trait;
use bson::{Bson, Document, RawDocumentBuf, doc};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::{Journey, JourneyAge, JourneyStatus, Visibility};
use kairos_domain::store::{
    Batch, Contents as _, ContentsChange, Journeys, Listed, Page, StoreError, Users as _, Write, WriteError,
};
use kairos_domain::usage::UsageChange;
use kairos_domain::user::User;

use super::MongoStore;
use super::documents::{self, JourneyDocument, changing_fields, is_being_deleted, oid};
use super::transaction::{Abort, Transaction};

/// A batch size large enough for all journeys of a rider in one reply, up to the size limit of a reply.
const JOURNEYS_A_BATCH: u32 = 10_000;

#[async_trait]
impl Journeys for MongoStore {
    async fn insert_journey(&self, journey: &Journey, write: &Write) -> Result<(), WriteError> {
        self.insert_journey_with(journey, &ContentsChange::none(journey.id), write)
            .await
    }

    async fn journey(&self, id: JourneyId, reader: UserId) -> Result<Option<Journey>, StoreError> {
        let document = self
            .connection
            .journeys_by_id
            .visible_document(id.0, reader)
            .await?;
        self.visible(document, reader).await
    }

    async fn rider_and_journey(
        &self,
        rider: UserId,
        id: JourneyId,
    ) -> Result<(Option<User>, Option<Journey>), StoreError> {
        let journeys = &self.connection.journeys_by_id;
        let (user, journey) = tokio::try_join!(self.user(rider), journeys.visible_document(id.0, rider))?;
        Ok((user, self.visible(journey, rider).await?))
    }

    async fn journeys_of(
        &self,
        user_id: UserId,
        reader: UserId,
        page: Page<JourneyAge>,
    ) -> Result<Batch<Journey>, StoreError> {
        let _turn = self.connection.fence.page(reader).await?;
        let mut visible = doc! { "user_id": oid(user_id.0), "is_being_deleted": Bson::Null };
        if reader != user_id {
            visible.insert("visibility", not_private());
        }
        let (batch, is_there) = tokio::try_join!(self.page_of_journeys(visible, page), async {
            match reader == user_id {
                true => Ok(true),
                false => self.user_document(user_id).await.map(|rider| rider.is_some()),
            }
        })?;
        Ok(if is_there { batch } else { Batch::default() })
    }

    async fn active_journey(&self, user_id: UserId, reader: UserId) -> Result<Option<Journey>, StoreError> {
        let db = &self.connection;
        let mut active = doc! {
            "user_id": oid(user_id.0), "active": true, "completed": { "$ne": true }, "is_being_deleted": Bson::Null,
        };
        if reader != user_id {
            active.insert("visibility", not_private());
        }
        let Some(document) = db.call(db.journeys.find_one(active)).await? else {
            return Ok(None);
        };
        let journey = documents::journey(&document)?;
        let exists = user_id == reader || self.user_document(user_id).await?.is_some();
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
            // The mark hides the journey, and with it its markers, which are only reachable through it.
            let mark = doc! { "$set": { "is_being_deleted": true, "active": false } };
            let stored = self.replace_journey_as_seen(&transaction, before, mark).await?;
            let change = stored.usage().map(|usage| UsageChange {
                journeys: -1,
                bytes: -usage.bytes,
                line_bytes: -usage.line_bytes,
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
    /// Reads a page of the journeys that a filter finds.
    async fn page_of_journeys(
        &self,
        filter: Document,
        page: Page<JourneyAge>,
    ) -> Result<Batch<Journey>, StoreError> {
        let db = &self.connection;
        let in_order = doc! { "created_at": 1, "_id": 1 };
        if page.after.is_none() {
            let limit = page.limit.saturating_add(1);
            let first = db.journeys.find(filter.clone()).sort(in_order);
            let first = db.all(first.limit(limit.into()).batch_size(limit)).await?;
            // The earlier service may have left out `created_at`. MongoDB sorts such journeys first, which is
            // rarely their right place.
            let is_dated = |journey: &RawDocumentBuf| journey.get_datetime("created_at").is_ok();
            if first.first().is_none_or(is_dated) {
                return page.take(first.iter().map(|journey| documents::journey(journey)));
            }
        }
        // A rider has at most 1000 journeys.
        let all = db
            .journeys
            .find(filter.clone())
            .projection(doc! { "created_at": 1 });
        let all = db.all(all.batch_size(JOURNEYS_A_BATCH)).await?;
        let ages = all.iter().map(|journey| documents::journey_age(journey));
        let mut ages = ages.collect::<Result<Vec<_>, _>>()?;
        ages.retain(|age| Some(*age) > page.after);
        ages.sort_unstable();
        let (these, more) = ages.split_at(ages.len().min(page.limit as usize));
        let mut these_journeys = filter;
        these_journeys.insert(
            "_id",
            doc! { "$in": these.iter().map(|age| oid(age.id.0)).collect::<Vec<_>>() },
        );
        let journeys = db.journeys.find(these_journeys).batch_size(JOURNEYS_A_BATCH);
        let journeys = db.all(journeys).await?;
        let journeys = journeys.iter().map(|journey| documents::journey(journey));
        let mut journeys = journeys.collect::<Result<Vec<_>, _>>()?;
        journeys.sort_unstable_by_key(Listed::place);
        let mut batch = page.take(journeys.into_iter().map(Ok::<_, StoreError>))?;
        batch.has_more |= !more.is_empty();
        Ok(batch)
    }

    /// Reads a journey if the reader may see it. The reader must exist. A deleted rider's journey is
    /// invisible.
    async fn visible(
        &self,
        journey: Option<RawDocumentBuf>,
        reader: UserId,
    ) -> Result<Option<Journey>, StoreError> {
        let Some(document) = journey.filter(|journey| !is_being_deleted(journey)) else {
            return Ok(None);
        };
        let journey = documents::journey(&document)?;
        let exists = journey.user_id == reader
            || (journey.is_visible_to(reader) && self.user_document(journey.user_id).await?.is_some());
        Ok(exists.then_some(journey))
    }

    /// Updates a journey if it still equals `before`. Returns the journey as it was before the update.
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
    pub(super) async fn switch_off_other_than(
        &self,
        transaction: &Transaction,
        journey: &Journey,
    ) -> Result<(), Abort> {
        let active =
            doc! { "user_id": oid(journey.user_id.0), "active": true, "_id": { "$ne": oid(journey.id.0) } };
        let off = doc! { "$set": { "active": false } };
        let others = self.connection.journeys.update_many(active, off);
        transaction.update(others).await.map(drop)
    }
}

/// Returns the condition on the visibility of a journey that others may see.
pub(super) fn not_private() -> Document {
    doc! { "$ne": Visibility::Private.as_str() }
}
