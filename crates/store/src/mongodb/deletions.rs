//! Deletions that may be too large for one transaction.
//!
//! The transaction of the act marks the account or journey, which hides it and everything that belongs to it.
//! A worker then removes the documents in batches.

use bson::{Bson, Document, RawDocumentBuf, doc};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::store::StoreError;
use mongodb::Collection;

use super::MongoStore;
use super::documents::{JourneyDocument, id_of, lines_of, oid, parts_of_journey, spans_of};
use super::transaction::{Abort, Transaction};

/// Maximum number of documents that one transaction removes.
const A_BATCH: i64 = 1_000;

/// Maximum size in bytes of the lines that one transaction removes. Their parts are small, and in no index but
/// that of their ids.
const LINE_BYTES_A_BATCH: i64 = 1 << 20;

impl MongoStore {
    /// Checks whether one transaction can remove these journeys with all their parts.
    pub(super) fn is_one_batch(journeys: &[JourneyDocument]) -> bool {
        let (mut markers, mut line_bytes) = (0, 0);
        for journey in journeys {
            // A journey that has yet to be migrated may have any number of markers.
            let Some(usage) = journey.usage() else {
                return false;
            };
            markers += usage.markers;
            line_bytes += usage.line_bytes;
        }
        markers <= A_BATCH && line_bytes <= LINE_BYTES_A_BATCH && journeys.len() <= 100
    }

    /// Removes journeys with all their parts.
    pub(super) async fn remove_journeys(
        &self,
        transaction: &Transaction,
        journeys: &[JourneyId],
    ) -> Result<(), Abort> {
        if journeys.is_empty() {
            return Ok(());
        }
        let db = &self.connection;
        let ids = doc! { "$in": journeys.iter().map(|id| oid(id.0)).collect::<Vec<_>>() };
        for gone in [
            db.markers.delete_many(doc! { "journey_id": ids.clone() }),
            db.journeys.delete_many(doc! { "_id": ids }),
        ] {
            transaction.delete(gone).await?;
        }
        self.remove_other_parts(transaction, journeys).await
    }

    /// Removes the itineraries, lines and schedules of journeys.
    async fn remove_other_parts(
        &self,
        transaction: &Transaction,
        journeys: &[JourneyId],
    ) -> Result<(), Abort> {
        let db = &self.connection;
        let ids: Vec<_> = journeys.iter().map(|id| oid(id.0)).collect();
        let spans: Vec<_> = journeys.iter().map(|id| spans_of(*id)).collect();
        let parts: Vec<_> = journeys.iter().map(|id| parts_of_journey(*id)).collect();
        for gone in [
            db.itinerary_spans.delete_many(doc! { "$or": spans }),
            db.lines.delete_many(lines_of(journeys)),
            db.line_parts.delete_many(doc! { "$or": parts }),
            db.schedules.delete_many(doc! { "_id": { "$in": ids } }),
        ] {
            transaction.delete(gone).await?;
        }
        Ok(())
    }

    /// Removes the itinerary, lines and schedule that a journey has left, unless it is there.
    pub(super) async fn remove_parts_without_journey(&self, id: JourneyId) -> Result<(), StoreError> {
        let db = &self.connection;
        let act = |transaction: Transaction| async move {
            let journey = db.journeys.find_one(doc! { "_id": oid(id.0) });
            if transaction.find_one(journey).await?.is_some() {
                return Ok(());
            }
            self.remove_other_parts(&transaction, &[id]).await
        };
        db.transaction(act).await
    }

    /// Removes one batch of documents of marked deletions. Returns whether there may be more.
    pub(super) async fn remove_next_batch(&self, transaction: &Transaction) -> Result<bool, Abort> {
        let db = &self.connection;
        let marked = doc! { "is_being_deleted": true };
        if let Some(journey) = transaction.find_one(db.journeys.find_one(marked.clone())).await? {
            let id = JourneyId(id_of(&journey, "journey")?);
            let this = doc! { "_id": oid(id.0) };
            for gone in [
                db.lines.delete_many(lines_of(&[id])),
                db.schedules.delete_one(this.clone()),
            ] {
                transaction.delete(gone).await?;
            }
            let mut is_empty = true;
            for (collection, of_journey) in [
                (&db.markers, doc! { "journey_id": oid(id.0) }),
                (&db.itinerary_spans, spans_of(id)),
                (&db.line_parts, parts_of_journey(id)),
            ] {
                is_empty = is_empty && self.remove_some(transaction, collection, of_journey).await?;
            }
            if is_empty {
                transaction.delete(db.journeys.delete_one(this)).await?;
            }
            return Ok(true);
        }
        if let Some(user) = transaction.find_one(db.users.find_one(marked)).await? {
            let id = UserId(id_of(&user, "user")?);
            let journeys = transaction
                .all(db.journeys.find(doc! { "user_id": oid(id.0) }))
                .await?;
            // An earlier version of Kairos marked only the account.
            self.mark_journeys(transaction, id).await?;
            if journeys.is_empty() {
                self.remove_user(transaction, id).await?;
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Marks all journeys of a rider as deleted.
    pub(super) async fn mark_journeys(&self, transaction: &Transaction, id: UserId) -> Result<(), Abort> {
        let mark = doc! { "$set": { "is_being_deleted": true, "active": false } };
        let journeys = self
            .connection
            .journeys
            .update_many(doc! { "user_id": oid(id.0) }, mark);
        transaction.update(journeys).await.map(drop)
    }

    /// Removes an account that has no journeys.
    pub(super) async fn remove_user(&self, transaction: &Transaction, id: UserId) -> Result<(), Abort> {
        self.remove_sessions_and_keys(transaction, id).await?;
        let user = self.connection.users.delete_one(doc! { "_id": oid(id.0) });
        transaction.delete(user).await.map(drop)
    }

    pub(super) async fn remove_sessions_and_keys(
        &self,
        transaction: &Transaction,
        id: UserId,
    ) -> Result<(), Abort> {
        self.end_sessions(transaction, id).await?;
        let keys = &self.connection.idempotency_keys;
        let keys = keys.delete_many(doc! { "rider": oid(id.0) });
        transaction.delete(keys).await.map(drop)
    }

    pub(super) async fn end_sessions(&self, transaction: &Transaction, id: UserId) -> Result<(), Abort> {
        let sessions = self
            .connection
            .sessions
            .delete_many(doc! { "user_id": oid(id.0) });
        transaction.delete(sessions).await.map(drop)
    }

    /// Removes a batch of the documents that match. Returns whether none are left.
    async fn remove_some(
        &self,
        transaction: &Transaction,
        collection: &Collection<RawDocumentBuf>,
        which: Document,
    ) -> Result<bool, Abort> {
        let some = collection
            .find(which)
            .projection(doc! { "_id": 1 })
            .limit(A_BATCH);
        let ids = transaction.all(some).await?;
        let ids = ids
            .iter()
            .filter_map(|document| Bson::try_from(document.get("_id").ok()??).ok());
        let ids: Vec<_> = ids.collect();
        let removed = ids.len();
        if removed > 0 {
            transaction
                .delete(collection.delete_many(doc! { "_id": { "$in": ids } }))
                .await?;
        }
        Ok(i64::try_from(removed).is_ok_and(|removed| removed < A_BATCH))
    }
}
