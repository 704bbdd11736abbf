//! The data derived from a journey's markers: its usage, spatial index entries and itinerary. Every
//! transaction that writes markers also writes the derived data.

use std::collections::HashSet;

use bson::{Bson, Document, RawDocumentBuf, doc};
use chrono::NaiveDate;
use kairos_domain::discovery::{DatedMarker, DayPosition, Itinerary};
use kairos_domain::id::JourneyId;
use kairos_domain::marker::MarkerKind;
use kairos_domain::store::WriteError;
use kairos_domain::usage::{JourneyUsage, UsageChange};
use mongodb::options::Hint;

use super::MongoStore;
use super::documents::{
    JourneyDocument, dated_marker_of_index, days_of, oid, span_documents, span_of, spans_between, text_bytes,
};
use super::indexes::riding_order_keys;
use super::transaction::{Abort, Transaction};

/// A batch size large enough for all markers of a journey in one reply: more than a journey can have.
pub(super) const ALL_AT_ONCE: u32 = 20_000;

/// Maximum number of spans that are replaced one by one. Larger changes delete and insert all spans.
const FEW_SPANS: usize = 3;

/// A change of a journey's markers.
#[derive(Default)]
pub(super) struct MarkersChange {
    /// The dated markers before the change.
    pub(super) before: Vec<DatedMarker>,
    /// The same markers after the change.
    pub(super) after: Vec<DatedMarker>,
}

impl MongoStore {
    /// Adds a change to a journey's usage. Returns the journey as it was before.
    ///
    /// Acts that change parts of a journey begin with this update, so that concurrent ones conflict early.
    pub(super) async fn count(
        &self,
        transaction: &Transaction,
        id: JourneyId,
        change: UsageChange,
    ) -> Result<JourneyDocument, Abort> {
        let db = &self.connection;
        let there = doc! { "_id": oid(id.0), "is_being_deleted": Bson::Null };
        // Incrementing `usage.writes` makes every act conflict with a deletion, even if the rest of the usage
        // stays the same.
        let count = doc! { "$inc": {
            "usage.markers": change.markers, "usage.bytes": change.bytes, "usage.line_bytes": change.line_bytes,
            "usage.writes": 1_i64,
        } };
        let before = transaction
            .find_one_and_update(db.journeys.find_one_and_update(there, count))
            .await?
            .ok_or(WriteError::ParentGone)?;
        Ok(JourneyDocument::read(&before)?)
    }

    /// Updates the derived data after a change of a journey's parts. The caller must have written the parts
    /// and the usage.
    pub(super) async fn derive(
        &self,
        transaction: &Transaction,
        id: JourneyId,
        journey: &JourneyDocument,
        change: &MarkersChange,
    ) -> Result<(), Abort> {
        if journey.usage().is_none() {
            return self.rebuild_journey(transaction, id).await;
        }
        self.derive_itinerary(transaction, id, change).await
    }

    /// Updates the itinerary after a change of markers.
    pub(super) async fn derive_itinerary(
        &self,
        transaction: &Transaction,
        id: JourneyId,
        change: &MarkersChange,
    ) -> Result<(), Abort> {
        if change.before == change.after {
            return Ok(());
        }
        let after = self.dated_markers(transaction, id).await?;
        let changed: HashSet<_> = change.after.iter().map(|marker| marker.id).collect();
        let others = after.iter().filter(|marker| !changed.contains(&marker.id));
        let mut before: Vec<_> = others.copied().collect();
        before.extend(&change.before);
        let Some(part) = Itinerary::changed_part(&before, &after) else {
            return Ok(());
        };
        let (first, last) = (span_of(part.first), span_of(part.last));
        let days = days_of_spans(&after, first, last);
        let spans: Vec<_> = span_documents(id, &days).collect();
        let db = &self.connection;
        let is_whole = i32::try_from(spans.len()).is_ok_and(|spans| spans == last - first + 1);
        if !is_whole || spans.len() > FEW_SPANS {
            let gone = db.itinerary_spans.delete_many(spans_between(id, first, last));
            transaction.delete(gone).await?;
            return self.insert_spans(transaction, spans).await;
        }
        let collection = db.itinerary_spans.clone_with_type::<Document>();
        for span in spans {
            let same = doc! { "_id": span.get("_id") };
            transaction
                .replace(collection.replace_one(same, span).upsert(true))
                .await?;
        }
        Ok(())
    }

    pub(super) async fn insert_spans(
        &self,
        transaction: &Transaction,
        spans: Vec<Document>,
    ) -> Result<(), Abort> {
        let collection = self.connection.itinerary_spans.clone_with_type::<Document>();
        if !spans.is_empty() {
            transaction.insert_many(collection.insert_many(spans)).await?;
        }
        Ok(())
    }

    /// Reads a journey's dated markers from the index in riding order.
    async fn dated_markers(
        &self,
        transaction: &Transaction,
        id: JourneyId,
    ) -> Result<Vec<DatedMarker>, Abort> {
        let markers = self
            .connection
            .markers
            .find(doc! { "journey_id": oid(id.0) })
            .hint(Hint::Keys(riding_order_keys()))
            .projection(doc! { "_id": 0, "derived.order": 1, "derived.place": 1 })
            .batch_size(ALL_AT_ONCE);
        let markers = transaction.all(markers).await?;
        Ok(markers
            .iter()
            .filter_map(|marker| dated_marker_of_index(marker))
            .collect())
    }
}

/// Returns the usage of a journey with these markers, and with lines of this size.
pub(super) fn usage_of(
    journey: &JourneyDocument,
    markers: &[RawDocumentBuf],
    line_bytes: i64,
) -> JourneyUsage {
    JourneyUsage {
        markers: i64::try_from(markers.len()).unwrap_or(i64::MAX),
        bytes: journey.text_bytes() + markers.iter().map(|marker| text_bytes(marker)).sum::<i64>(),
        line_bytes,
    }
}

/// Returns the positions of a journey on the days of the spans from `first` to `last`.
///
/// An itinerary changes direction only at its markers. Therefore the markers in the spans and the adjacent
/// ones on either side determine it.
fn days_of_spans(markers: &[DatedMarker], first: i32, last: i32) -> Vec<DayPosition> {
    let (Some((from, _)), Some((_, to))) = (days_of(first), days_of(last)) else {
        return Vec::new();
    };
    let past = markers.iter().filter(|marker| marker.kind == MarkerKind::Past);
    let last_past = past.map(|marker| marker.date).max();
    let counts = |marker: &&DatedMarker| marker.kind == MarkerKind::Past || Some(marker.date) >= last_past;
    let dates = || markers.iter().filter(counts).map(|marker| marker.date);
    let begin: NaiveDate = dates().filter(|date| *date < from).max().unwrap_or(from);
    let end: NaiveDate = dates().filter(|date| *date > to).min().unwrap_or(to);
    let near = markers
        .iter()
        .filter(counts)
        .filter(|marker| (begin..=end).contains(&marker.date));
    let itinerary = Itinerary::from_markers(&near.copied().collect::<Vec<_>>());
    itinerary.between(Some(from), Some(to)).to_vec()
}
