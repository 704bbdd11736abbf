//! Tracks, kept by the day beside the markers that they follow from, in step with them without any transaction.
//!
//! A marker's document tells by itself that its journey's track is behind it (`is_untracked`): that is written together with what the marker
//! says, so that nothing can come between. A marker that is removed stays, invisible, until the track has left it behind. Whoever renews a track
//! takes a revision of the journey's first, reads the markers, and overwrites only what is of earlier revisions; then, unless somebody has taken
//! a later revision meanwhile, the markers that were read are marked as tracked. Killed anywhere in between, the markers still say that the track is
//! behind, and searches ask them instead of it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bson::oid::ObjectId as Oid;
use bson::{Bson, Document, doc};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kairos_domain::discovery::{DatedMarker, Track};
use kairos_domain::id::{JourneyId, ObjectId};
use kairos_domain::store::StoreError;
use mongodb::options::ReturnDocument;
use tokio::task::spawn_blocking;

use super::MongoStore;
use super::connection::to_the_end;
use super::documents::{self, dated_marker, is_being_deleted, oid, segments_of};
use super::error::write_failure;

/// How long changes are gathered before tracks are renewed: whoever puts one marker after the other on a journey has it renewed now and then.
const GATHERING: Duration = Duration::from_millis(100);

/// How many journeys are renewed in one go: each may have ten thousand markers.
const JOURNEYS_A_BATCH: usize = 50;

/// How many of them are begun and finished at once.
const CALLS_AT_ONCE: usize = 4;

/// How many writes one call holds.
const WRITES_A_CALL: usize = 500;

/// The journeys whose tracks this process renews next.
#[derive(Debug, Default)]
pub(super) struct Renewals {
    queue: Mutex<Queue>,
    /// Held by whoever renews all.
    all: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: BTreeSet<JourneyId>,
    is_being_worked_on: bool,
}

/// A marker that was read for a renewal and has to be told that it is tracked, or to go.
struct Outstanding {
    id: Oid,
    changes: i64,
    is_being_deleted: bool,
}

/// What a journey's markers say, as a renewal has read them.
#[derive(Default)]
struct Read {
    dated: Vec<DatedMarker>,
    outstanding: Vec<Outstanding>,
}

impl MongoStore {
    /// Has tracks renewed in a moment. If this process dies before, whoever finds them behind has it done.
    pub(super) fn renew_soon(&self, journeys: impl IntoIterator<Item = JourneyId>) {
        let mut queue = self.renewals.lock();
        queue.waiting.extend(journeys);
        if !queue.is_being_worked_on && !queue.waiting.is_empty() {
            queue.is_being_worked_on = true;
            tokio::spawn(self.clone().renew_waiting());
        }
    }

    async fn renew_waiting(self) {
        loop {
            tokio::time::sleep(GATHERING).await;
            let Some(batch) = self.renewals.lock().next_batch() else {
                return;
            };
            let store = self.clone();
            if let Err(error) = to_the_end(async move { store.renew(&batch).await }).await {
                tracing::warn!(%error, "tracks could not be renewed; searches ask the markers meanwhile");
            }
        }
    }

    /// Renews all that are behind; says how many there were. Whoever comes while this process is at it finds little left to do.
    pub(super) async fn renew_all_behind(&self) -> Result<u64, StoreError> {
        let _turn = self.renewals.all.lock().await;
        let db = &self.connection;
        let mut renewed = 0;
        let mut last = Oid::from_bytes([0; 12]);
        loop {
            let without = db
                .journeys
                .find(doc! { "has_track": Bson::Null, "_id": { "$gt": last } })
                .sort(doc! { "has_track": 1, "_id": 1 })
                .limit(i64::try_from(JOURNEYS_A_BATCH).unwrap_or(i64::MAX))
                .projection(doc! { "_id": 1 });
            let batch = db.all(without).await?;
            let ids = batch
                .iter()
                .map(|journey| documents::id_of(journey, "journey").map(JourneyId));
            let ids = ids.collect::<Result<Vec<_>, _>>()?;
            let Some(highest) = ids.last() else { break };
            last = oid(highest.0);
            self.renew(&ids).await?;
            renewed += ids.len() as u64;
        }
        let untracked: Vec<_> = self
            .journeys_with_untracked_markers()
            .await?
            .into_iter()
            .collect();
        for batch in untracked.chunks(JOURNEYS_A_BATCH) {
            self.renew(batch).await?;
            renewed += batch.len() as u64;
        }
        Ok(renewed)
    }

    /// The journeys that some marker says are behind it.
    pub(super) async fn journeys_with_untracked_markers(&self) -> Result<HashSet<JourneyId>, StoreError> {
        let db = &self.connection;
        let untracked = db
            .markers
            .find(doc! { "is_untracked": true })
            .projection(doc! { "_id": 0, "journey_id": 1 });
        let markers = db.all(untracked).await?;
        let ids = markers
            .iter()
            .filter_map(|marker| marker.get_object_id("journey_id").ok());
        Ok(ids
            .map(|id| JourneyId(ObjectId::from_bytes(id.bytes())))
            .collect())
    }

    /// Takes away the track of a journey that is gone, and what its markers say of it.
    pub(super) async fn remove_track(&self, id: JourneyId) -> Result<(), StoreError> {
        let db = &self.connection;
        db.call(db.track_segments.delete_many(segments_of(id))).await?;
        let untracked = |is_being_deleted: Bson| {
            doc! { "journey_id": oid(id.0), "is_untracked": true, "is_being_deleted": is_being_deleted }
        };
        db.call(db.markers.delete_many(untracked(Bson::from(true))))
            .await?;
        let tracked = doc! { "$unset": { "is_untracked": "" } };
        db.call(db.markers.update_many(untracked(Bson::Null), tracked))
            .await
            .map(drop)
    }

    /// Notes that markers come without the tracks of their journeys, which are renewed when all are there.
    pub(super) async fn forget_tracks(&self, journeys: HashSet<Oid>) -> Result<(), StoreError> {
        let db = &self.connection;
        let tracked = doc! { "_id": { "$in": journeys.into_iter().collect::<Vec<_>>() }, "has_track": true };
        let forget = doc! { "$unset": { "has_track": "" } };
        db.call(db.journeys.update_many(tracked, forget)).await.map(drop)
    }

    /// Brings the tracks of some journeys up to date with their markers.
    async fn renew(&self, ids: &[JourneyId]) -> Result<(), StoreError> {
        let begun: Vec<_> = stream::iter(ids.to_vec())
            .map(async |id| Ok::<_, StoreError>((id, self.take_revision(id).await?)))
            .buffered(CALLS_AT_ONCE)
            .try_collect()
            .await?;
        let mut revisions = HashMap::new();
        for (id, revision) in begun {
            match revision {
                Some(revision) => drop(revisions.insert(id, revision)),
                None => self.remove_track(id).await?,
            }
        }
        let mut read = self.read_for_renewal(revisions.keys()).await?;
        let tracks: Vec<_> = revisions
            .iter()
            .map(|(id, revision)| {
                let dated = read.get_mut(id).map(|read| mem::take(&mut read.dated));
                (*id, *revision, dated.unwrap_or_default())
            })
            .collect();
        self.write_segments(tracks).await?;
        let finished: Vec<_> = stream::iter(revisions)
            .map(async |(id, revision)| Ok::<_, StoreError>((id, self.finish(id, revision).await?)))
            .buffered(CALLS_AT_ONCE)
            .try_collect()
            .await?;
        let finished = finished.into_iter().filter(|(_, is_latest)| *is_latest);
        let outstanding = finished.filter_map(|(id, _)| read.remove(&id));
        self.settle(outstanding.flat_map(|read| read.outstanding).collect())
            .await
    }

    /// Takes a revision of a journey's track, later than all before; `None` if the journey is gone.
    async fn take_revision(&self, id: JourneyId) -> Result<Option<i64>, StoreError> {
        let db = &self.connection;
        let there = doc! { "_id": oid(id.0), "is_being_deleted": Bson::Null };
        let taken = db
            .journeys
            .find_one_and_update(there, doc! { "$inc": { "track_revision": 1_i64 } })
            .return_document(ReturnDocument::After)
            .write_concern(db.unhurried.clone())
            .projection(doc! { "track_revision": 1 });
        let journey = db.call(taken).await?;
        Ok(journey.and_then(|journey| documents::whole_number(&journey, "track_revision")))
    }

    async fn read_for_renewal(
        &self,
        ids: impl Iterator<Item = &JourneyId>,
    ) -> Result<HashMap<JourneyId, Read>, StoreError> {
        let db = &self.connection;
        let ids: Vec<_> = ids.map(|id| oid(id.0)).collect();
        let mut projection = documents::fields_of_dated_markers();
        projection.extend(doc! { "is_untracked": 1, "changes": 1 });
        let markers = db
            .markers
            .find(doc! { "journey_id": { "$in": ids } })
            .projection(projection);
        let mut markers = db.call(markers).await?;
        let mut read: HashMap<_, Read> = HashMap::new();
        while db.call(markers.advance()).await? {
            let marker = markers.current();
            let Ok(journey_id) = marker.get_object_id("journey_id") else {
                continue;
            };
            let read = read
                .entry(JourneyId(ObjectId::from_bytes(journey_id.bytes())))
                .or_default();
            // One that can't be read is nowhere.
            read.dated.extend(dated_marker(marker).map(|(_, marker)| marker));
            if let (Ok(true), Ok(id)) = (marker.get_bool("is_untracked"), marker.get_object_id("_id")) {
                read.outstanding.push(Outstanding {
                    id,
                    changes: documents::whole_number(marker, "changes").unwrap_or_default(),
                    is_being_deleted: is_being_deleted(marker),
                });
            }
        }
        Ok(read)
    }

    /// Overwrites what is of earlier revisions: first the days that there are, then those that there are no longer.
    async fn write_segments(
        &self,
        tracks: Vec<(JourneyId, i64, Vec<DatedMarker>)>,
    ) -> Result<(), StoreError> {
        let commands = spawn_blocking(move || {
            let (mut puts, mut deletes) = (Vec::new(), Vec::new());
            for (id, revision, markers) in tracks {
                let earlier = doc! { "$lt": revision };
                let track = Track::from_markers(&markers);
                puts.extend(
                    documents::segment_documents(id, revision, track.days()).map(|segment| {
                        // Where there is a later one, the upsert is refused by its id.
                        let which = doc! { "_id": segment.get("_id"), "revision": earlier.clone() };
                        doc! { "q": which, "u": segment, "upsert": true }
                    }),
                );
                let mut gone = segments_of(id);
                gone.insert("revision", earlier);
                deletes.push(doc! { "q": gone, "limit": 0 });
            }
            (puts, deletes)
        });
        let (puts, deletes) = commands
            .await
            .map_err(|panicked| StoreError::Failed(panicked.into()))?;
        let segments = self.connection.track_segments.name().to_owned();
        self.write_all("update", &segments, "updates", &puts).await?;
        self.write_all("delete", &segments, "deletes", &deletes).await
    }

    /// Says whether a revision is still the latest, and notes that the journey has a track.
    async fn finish(&self, id: JourneyId, revision: i64) -> Result<bool, StoreError> {
        let db = &self.connection;
        let same = doc! { "_id": oid(id.0), "track_revision": revision, "is_being_deleted": Bson::Null };
        let has_track = doc! { "$set": { "has_track": true } };
        let noted = db
            .journeys
            .update_one(same, has_track)
            .write_concern(db.unhurried.clone());
        let is_latest = db.call(noted).await?.matched_count > 0;
        if !is_latest && self.journey_of_anybody(id).await?.is_none() {
            // It was deleted meanwhile.
            self.remove_track(id).await?;
        }
        Ok(is_latest)
    }

    /// Tells markers that they are tracked, unless they have changed again, and removes those that are to go.
    async fn settle(&self, outstanding: Vec<Outstanding>) -> Result<(), StoreError> {
        let (gone, tracked): (Vec<_>, Vec<_>) = outstanding
            .into_iter()
            .partition(|marker| marker.is_being_deleted);
        let as_read = |marker: &Outstanding| doc! { "_id": marker.id, "changes": marker.changes };
        let updates: Vec<_> = tracked
            .iter()
            .map(|marker| doc! { "q": as_read(marker), "u": { "$unset": { "is_untracked": "" } } })
            .collect();
        let deletes: Vec<_> = gone
            .iter()
            .map(|marker| doc! { "q": as_read(marker), "limit": 1 })
            .collect();
        let markers = self.connection.markers.name().to_owned();
        self.write_all("update", &markers, "updates", &updates).await?;
        self.write_all("delete", &markers, "deletes", &deletes).await
    }

    /// Does many writes of one kind in a few calls. Nobody waits for their journal: whatever is lost of them is done again.
    pub(super) async fn write_all(
        &self,
        command: &str,
        collection: &str,
        kind: &str,
        writes: &[Document],
    ) -> Result<(), StoreError> {
        let db = &self.connection;
        for writes in writes.chunks(WRITES_A_CALL) {
            let call = doc! {
                command: collection, kind: writes.to_vec(), "ordered": false, "writeConcern": { "w": "majority" },
            };
            let answer = db.call(db.database.run_command(call)).await?;
            if let Some(failure) = write_failure(&answer) {
                return Err(StoreError::Failed(failure.into()));
            }
        }
        Ok(())
    }
}

impl Renewals {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// The journeys to renew now; nothing if there are none, after which nobody works on them.
    fn next_batch(&mut self) -> Option<Vec<JourneyId>> {
        let batch: Vec<_> = self.waiting.iter().copied().take(JOURNEYS_A_BATCH).collect();
        for id in &batch {
            self.waiting.remove(id);
        }
        self.is_being_worked_on = !batch.is_empty();
        self.is_being_worked_on.then_some(batch)
    }
}
