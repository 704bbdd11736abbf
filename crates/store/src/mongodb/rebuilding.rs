//! Recomputing all derived data of a journey: in a migration, a repair, or a write to a legacy journey.

use std::time::Duration;

use bson::{Bson, Document, RawBsonRef, RawDocumentBuf, doc};
use kairos_domain::discovery::Itinerary;
use kairos_domain::id::JourneyId;
use kairos_domain::store::StoreError;
use kairos_domain::usage::UsageChange;

use super::MongoStore;
use super::connection::Connection;
use super::derived::{ALL_AT_ONCE, usage_of};
use super::documents::{
    Derived, JourneyDocument, if_readable, is_being_deleted, oid, span_documents, spans_of, usage_document,
};
use super::error::write_failure;
use super::transaction::{Abort, Transaction};

/// The timeout of the transaction that rebuilds one journey. No request waits for it.
const A_JOURNEY: Duration = Duration::from_secs(30);

/// Limit of markers that one command updates.
pub(super) const MARKERS_A_COMMAND: usize = 1_000;

/// Fields that only earlier versions used.
const OLD_FIELDS_OF_JOURNEYS: [&str; 3] = ["has_track", "track_revision", "drawn_revision"];

/// Fields that only earlier versions used.
const OLD_FIELDS_OF_MARKERS: [&str; 3] = ["cells", "is_untracked", "changes"];

impl MongoStore {
    /// Recomputes the derived data of some journeys, one after another.
    ///
    /// Logs each failed journey, and skips it until the next run of the migration. Returns an error only if
    /// all journeys fail.
    pub(super) async fn migrate_journeys(&self, journeys: &[JourneyId]) -> Result<(), StoreError> {
        let (mut is_any_done, mut failure) = (false, None);
        for id in journeys {
            match self.migrate_journey(*id).await {
                Ok(()) => is_any_done = true,
                Err(error) => {
                    tracing::warn!(journey.id = %id, %error, "a journey could not be migrated, retrying later");
                    self.unmigrated().insert(*id);
                    failure = Some(error);
                }
            }
        }
        failure.filter(|_| !is_any_done).map_or(Ok(()), Err)
    }

    async fn migrate_journey(&self, id: JourneyId) -> Result<(), StoreError> {
        self.connection.derive_markers(id).await?;
        let act = |transaction: Transaction| async move { self.rebuild_journey(&transaction, id).await };
        self.connection.transaction_within(A_JOURNEY, act).await
    }

    /// Recomputes all derived data of a journey, and adds the difference in usage to its rider.
    pub(super) async fn rebuild_journey(
        &self,
        transaction: &Transaction,
        id: JourneyId,
    ) -> Result<(), Abort> {
        let db = &self.connection;
        // The first writes are those to the journey and its rider, so that a conflict with another act costs
        // little.
        let hold = doc! { "$inc": { "usage.writes": 1_i64 } };
        let hold = db.journeys.find_one_and_update(doc! { "_id": oid(id.0) }, hold);
        let journey = transaction.find_one_and_update(hold).await?;
        let journey = journey.filter(|journey| !is_being_deleted(journey));
        let fields = journey.as_deref().map(JourneyDocument::read).transpose();
        let fields = if_readable(fields)?.flatten();
        let counted = fields.as_ref().and_then(JourneyDocument::usage);
        if let Some(fields) = &fields
            && counted.is_none()
        {
            let change = UsageChange {
                journeys: 1,
                ..UsageChange::default()
            };
            self.add_to_rider(transaction, fields.user_id(), change).await?;
        }
        let (markers, derived) = self.put_derived(transaction, id).await?;
        transaction
            .delete(db.itinerary_spans.delete_many(spans_of(id)))
            .await?;
        if journey.is_none() {
            // Markers without a journey are invisible.
            return Ok(());
        }
        let Some(fields) = fields else {
            // Nobody can read the journey, so it has no itinerary.
            let done = db
                .journeys
                .update_one(doc! { "_id": oid(id.0) }, doc! { "$set": { "is_derived": true } });
            return transaction.update(done).await.map(drop);
        };
        let dated: Vec<_> = derived.iter().filter_map(|derived| derived.dated).collect();
        let itinerary = Itinerary::from_markers(&dated);
        self.insert_spans(transaction, span_documents(id, itinerary.days()).collect())
            .await?;
        let lines = self.lines_of_journey(transaction, id).await?;
        let usage = usage_of(&fields, &markers, lines.iter().map(|line| line.bytes).sum());
        let mut update = doc! { "$set": { "usage": usage_document(usage), "is_derived": true } };
        update.insert("$unset", names(&OLD_FIELDS_OF_JOURNEYS));
        let update = db.journeys.update_one(doc! { "_id": oid(id.0) }, update);
        transaction.update(update).await?;
        let counted = counted.unwrap_or_default();
        let change = UsageChange {
            bytes: usage.bytes - counted.bytes,
            line_bytes: usage.line_bytes - counted.line_bytes,
            ..UsageChange::default()
        };
        self.add_to_rider(transaction, fields.user_id(), change).await
    }

    /// Corrects the derived fields of a journey's markers. Returns the markers.
    async fn put_derived(
        &self,
        transaction: &Transaction,
        id: JourneyId,
    ) -> Result<(Vec<RawDocumentBuf>, Vec<Derived>), Abort> {
        let db = &self.connection;
        let markers = db
            .markers
            .find(doc! { "journey_id": oid(id.0) })
            .batch_size(ALL_AT_ONCE);
        let markers = transaction.all(markers).await?;
        // An earlier version of Kairos marked a removed marker until it had updated the itinerary.
        let (removed, markers): (Vec<_>, Vec<_>) =
            markers.into_iter().partition(|marker| is_being_deleted(marker));
        if !removed.is_empty() {
            let gone = doc! { "journey_id": oid(id.0), "is_being_deleted": true };
            transaction.delete(db.markers.delete_many(gone)).await?;
        }
        let underived = markers.iter().filter(|marker| is_underived(marker));
        if underived.count() > MARKERS_A_COMMAND {
            return Err(Abort::Underived(id));
        }
        let derived: Vec<_> = markers.iter().map(|marker| Derived::of(marker)).collect();
        let updates = markers
            .iter()
            .zip(&derived)
            .filter_map(|(marker, derived)| update_of(marker, derived));
        let updates: Vec<_> = updates.collect();
        for updates in updates.chunks(MARKERS_A_COMMAND) {
            let command = doc! { "update": db.markers.name(), "updates": updates };
            transaction.run_writes(db.database.run_command(command)).await?;
        }
        Ok((markers, derived))
    }
}

impl Connection {
    /// Writes the missing derived fields of a journey's markers, without a transaction.
    ///
    /// This keeps the following transaction small. That transaction also corrects markers that have changed
    /// meanwhile.
    pub(super) async fn derive_markers(&self, id: JourneyId) -> Result<(), StoreError> {
        loop {
            let underived = doc! { "journey_id": oid(id.0), "derived.cells": Bson::Null };
            let limit = i64::try_from(MARKERS_A_COMMAND).unwrap_or(i64::MAX);
            let markers = self.all(self.markers.find(underived).limit(limit)).await?;
            let updates = markers.iter().filter_map(|marker| {
                let mut update = update_of(marker, &Derived::of(marker))?;
                // Concurrent writers store newer derived fields.
                update
                    .get_document_mut("q")
                    .ok()?
                    .insert("derived.cells", Bson::Null);
                Some(update)
            });
            let updates: Vec<_> = updates.collect();
            if updates.is_empty() {
                return Ok(());
            }
            let command = doc! { "update": self.markers.name(), "updates": updates, "ordered": false };
            let answer = self.call(self.database.run_command(command)).await?;
            if let Some(failure) = write_failure(&answer) {
                return Err(StoreError::Failed(failure.into()));
            }
        }
    }
}

/// Returns the update of a marker's derived fields; `None` if they are up to date.
fn update_of(marker: &RawDocumentBuf, derived: &Derived) -> Option<Document> {
    let kept = marker.get_document("derived").ok();
    let kept = kept.and_then(|kept| Document::try_from(kept).ok());
    let has_old_field = |name: &&str| matches!(marker.get(*name), Ok(Some(_)));
    if kept.as_ref() == Some(&derived.document) && !OLD_FIELDS_OF_MARKERS.iter().any(has_old_field) {
        return None;
    }
    let id = marker
        .get("_id")
        .ok()
        .flatten()
        .and_then(|id| Bson::try_from(id).ok());
    Some(doc! {
        "q": { "_id": id },
        "u": { "$set": { "derived": derived.document.clone() }, "$unset": names(&OLD_FIELDS_OF_MARKERS) },
    })
}

fn is_underived(marker: &RawDocumentBuf) -> bool {
    let derived = marker.get_document("derived").ok();
    let cells = derived.and_then(|derived| derived.get("cells").ok().flatten());
    matches!(cells, None | Some(RawBsonRef::Null))
}

fn names(fields: &[&str]) -> Document {
    fields
        .iter()
        .map(|name| ((*name).to_owned(), Bson::from("")))
        .collect()
}
