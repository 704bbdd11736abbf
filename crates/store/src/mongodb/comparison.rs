//! Compares derived data with its source.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bson::oid::ObjectId as Oid;
use bson::{Bson, Document, RawDocumentBuf, doc};
use kairos_domain::discovery::Itinerary;
use kairos_domain::id::{JourneyId, ObjectId, UserId};
use kairos_domain::store::StoreError;

use super::MongoStore;
use super::derived::usage_of;
use super::documents::{
    Derived, JourneyDocument, RiderUsageDocument, id_of, is_as_expected, is_being_deleted, object_id, oid,
    span_documents, spans_of,
};
use super::line_records::LineKey;
use super::transaction::Transaction;
use crate::administration::{
    JOURNEYS_WITH_WRONG_ITINERARIES, JOURNEYS_WITH_WRONG_USAGE, LINES_WITH_WRONG_FIGURES,
    MARKERS_IN_WRONG_CELLS, RIDERS_WITH_WRONG_USAGE, finding,
};

const JOURNEYS_A_BATCH: usize = 50;

/// Derived data that differs from its source.
#[derive(Debug, Default)]
pub(super) struct Wrong {
    /// Markers whose derived fields are wrong.
    markers: BTreeSet<ObjectId>,
    /// Journeys whose itinerary is wrong.
    itineraries: BTreeSet<JourneyId>,
    /// Lines whose figures or simplification are wrong.
    pub(super) lines: BTreeSet<LineKey>,
    /// Journeys whose usage is wrong.
    usages: BTreeSet<JourneyId>,
    /// All journeys with wrong data of any of these kinds.
    pub(super) journeys: BTreeSet<JourneyId>,
    /// Riders whose usage is wrong.
    pub(super) riders: BTreeSet<UserId>,
    /// Deleted journeys that still have itinerary spans, lines or schedules.
    pub(super) gone: BTreeSet<JourneyId>,
}

impl MongoStore {
    /// Compares all derived data with its source, except data that has yet to be migrated.
    pub(super) async fn wrong(&self) -> Result<Wrong, StoreError> {
        let db = &self.connection;
        let derived = doc! { "is_derived": true, "is_being_deleted": Bson::Null };
        let journeys = db.journeys.find(derived).projection(doc! { "_id": 1 });
        let journeys = db.all_in_long(journeys).await?;
        let ids = journeys
            .iter()
            .filter_map(|journey| journey.get_object_id("_id").ok());
        let first = self.wrong_journeys(&ids.collect::<Vec<_>>()).await?;
        // A concurrent write can make a journey look wrong. A second comparison corrects that.
        let again: Vec<_> = first.journeys.iter().map(|id| oid(id.0)).collect();
        let mut wrong = self.wrong_journeys(&again).await?;
        let riders = self.wrong_riders().await?;
        if !riders.is_empty() {
            wrong.riders = self
                .wrong_riders()
                .await?
                .intersection(&riders)
                .copied()
                .collect();
        }
        wrong.lines = self.wrong_lines().await?;
        wrong.gone = self.parts_without_journeys().await?;
        Ok(wrong)
    }

    async fn wrong_journeys(&self, ids: &[Oid]) -> Result<Wrong, StoreError> {
        let db = &self.connection;
        let mut wrong = Wrong::default();
        for ids in ids.chunks(JOURNEYS_A_BATCH) {
            let of_journeys = doc! { "journey_id": { "$in": ids } };
            let spans: Vec<_> = ids.iter().map(|id| spans_of(JourneyId(object_id(*id)))).collect();
            let (journeys, markers, spans, line_bytes) = tokio::try_join!(
                db.all_in_long(db.journeys.find(doc! { "_id": { "$in": ids } })),
                db.all_in_long(db.markers.find(of_journeys)),
                db.all_in_long(
                    db.itinerary_spans
                        .find(doc! { "$or": spans })
                        .sort(doc! { "_id": 1 })
                ),
                self.line_bytes(ids),
            )?;
            let markers = by_journey(markers, |marker| marker.get_object_id("journey_id").ok());
            let spans = by_journey(spans, |span| {
                span.get_document("_id").ok()?.get_object_id("journey_id").ok()
            });
            for journey in journeys.iter().filter(|journey| !is_being_deleted(journey)) {
                if let (Ok(id), Ok(fields)) = (id_of(journey, "journey"), JourneyDocument::read(journey)) {
                    let of =
                        |documents: &BTreeMap<Oid, Vec<RawDocumentBuf>>| documents.get(&oid(id)).cloned();
                    let (markers, spans) = (of(&markers).unwrap_or_default(), of(&spans).unwrap_or_default());
                    let line_bytes = line_bytes.get(&oid(id)).copied().unwrap_or_default();
                    let usage = usage_of(&fields, &markers, line_bytes);
                    wrong.compare(JourneyId(id), &markers, &spans);
                    if fields.usage() != Some(usage) {
                        wrong.usages.insert(JourneyId(id));
                        wrong.journeys.insert(JourneyId(id));
                    }
                }
            }
        }
        Ok(wrong)
    }

    /// Returns the number of journeys of each rider, and their size in bytes.
    async fn held(&self) -> Result<HashMap<UserId, (i64, i64)>, StoreError> {
        // A journey that an earlier version of Kairos has written lacks `line_bytes`.
        let bytes = doc! { "$add": ["$usage.bytes", { "$ifNull": ["$usage.line_bytes", 0_i64] }] };
        let steps = [
            doc! { "$match": { "is_derived": true, "is_being_deleted": Bson::Null } },
            doc! { "$group": { "_id": "$user_id", "journeys": { "$sum": 1_i64 }, "bytes": { "$sum": bytes } } },
        ];
        let db = &self.connection;
        let held = db
            .all_in_long(db.journeys.aggregate(steps).allow_disk_use(true))
            .await?;
        let held = held.iter().filter_map(|held| {
            let number = |field: &str| {
                let number = held.get(field)?;
                number.as_i64().or_else(|| number.as_i32().map(i64::from))
            };
            let rider = UserId(object_id(held.get_object_id("_id").ok()?));
            Some((rider, (number("journeys")?, number("bytes")?)))
        });
        Ok(held.collect())
    }

    async fn wrong_riders(&self) -> Result<BTreeSet<UserId>, StoreError> {
        let db = &self.connection;
        let held = self.held().await?;
        let riders = db.users.find(doc! { "is_being_deleted": Bson::Null });
        let riders = db.all_in_long(riders.projection(doc! { "usage": 1 })).await?;
        let wrong = riders.iter().filter_map(|rider| {
            let id = UserId(id_of(rider, "user").ok()?);
            let usage = rider.get_document("usage").ok();
            let usage = usage
                .and_then(|usage| bson::deserialize_from_slice::<RiderUsageDocument>(usage.as_bytes()).ok());
            let usage = usage.unwrap_or_default();
            let expected = held.get(&id).copied().unwrap_or_default();
            ((usage.journeys, usage.bytes) != expected).then_some(id)
        });
        Ok(wrong.collect())
    }

    pub(super) async fn recount_rider(&self, id: UserId) -> Result<(), StoreError> {
        let db = &self.connection;
        let recount = |transaction: Transaction| async move {
            let journeys = doc! { "user_id": oid(id.0), "is_derived": true, "is_being_deleted": Bson::Null };
            let journeys = transaction.all(db.journeys.find(journeys)).await?;
            let bytes = journeys.iter().filter_map(|journey| {
                let usage = JourneyDocument::read(journey).ok()?.usage()?;
                Some(usage.bytes + usage.line_bytes)
            });
            let count = i64::try_from(journeys.len()).unwrap_or(i64::MAX);
            let usage = doc! { "$set": { "usage.journeys": count, "usage.bytes": bytes.sum::<i64>() } };
            let rider = db.users.update_one(doc! { "_id": oid(id.0) }, usage);
            transaction.update(rider).await.map(drop)
        };
        db.transaction(recount).await
    }

    async fn parts_without_journeys(&self) -> Result<BTreeSet<JourneyId>, StoreError> {
        let db = &self.connection;
        let mut ids = BTreeSet::new();
        for (collection, journey) in [
            (&db.itinerary_spans, "$_id.journey_id"),
            (&db.lines, "$_id.journey_id"),
            (&db.line_parts, "$_id.journey_id"),
            (&db.schedules, "$_id"),
        ] {
            let steps = [
                doc! { "$group": { "_id": journey } },
                doc! { "$lookup": { "from": "journeys", "localField": "_id", "foreignField": "_id", "as": "journeys" } },
                doc! { "$match": { "journeys": [] } },
            ];
            let gone = collection.aggregate(steps).allow_disk_use(true);
            let gone = db.all_in_long(gone.with_type::<RawDocumentBuf>()).await?;
            let gone = gone.iter().filter_map(|gone| gone.get_object_id("_id").ok());
            ids.extend(gone.map(|id| JourneyId(object_id(id))));
        }
        Ok(ids)
    }
}

impl Wrong {
    fn compare(&mut self, id: JourneyId, markers: &[RawDocumentBuf], spans: &[RawDocumentBuf]) {
        let mut dated = Vec::new();
        for marker in markers {
            let derived = Derived::of(marker);
            dated.extend(derived.dated);
            // Markers without `derived` have yet to be migrated, which `findings` reports.
            if let (Some(marker_id), Ok(kept)) =
                (marker.get_object_id("_id").ok(), marker.get_document("derived"))
                && Document::try_from(kept).ok().as_ref() != Some(&derived.document)
            {
                self.markers.insert(object_id(marker_id));
                self.journeys.insert(id);
            }
        }
        let itinerary = Itinerary::from_markers(&dated);
        let expected: Vec<_> = span_documents(id, itinerary.days()).collect();
        let mut pairs = spans.iter().zip(&expected);
        if spans.len() != expected.len() || !pairs.all(|(kept, expected)| is_as_expected(kept, expected)) {
            self.itineraries.insert(id);
            self.journeys.insert(id);
        }
    }

    pub(super) fn told(&self) -> Vec<String> {
        fn ids<I: ToString>(ids: &BTreeSet<I>) -> Vec<String> {
            ids.iter().map(ToString::to_string).collect()
        }
        let lines = self.lines.iter();
        let lines = lines.map(|(id, kind)| format!("{} {id}", kind.as_str()));
        [
            finding(MARKERS_IN_WRONG_CELLS, &ids(&self.markers)),
            finding(JOURNEYS_WITH_WRONG_ITINERARIES, &ids(&self.itineraries)),
            finding(LINES_WITH_WRONG_FIGURES, &lines.collect::<Vec<_>>()),
            finding(JOURNEYS_WITH_WRONG_USAGE, &ids(&self.usages)),
            finding(RIDERS_WITH_WRONG_USAGE, &ids(&self.riders)),
            finding(
                "journeys that are gone but for their itineraries, lines or schedules",
                &ids(&self.gone),
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn by_journey(
    documents: Vec<RawDocumentBuf>,
    journey: impl Fn(&RawDocumentBuf) -> Option<Oid>,
) -> BTreeMap<Oid, Vec<RawDocumentBuf>> {
    let mut of_journeys: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for document in documents {
        if let Some(id) = journey(&document) {
            of_journeys.entry(id).or_default().push(document);
        }
    }
    of_journeys
}
