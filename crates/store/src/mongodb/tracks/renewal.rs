//! Bringing tracks up to date with their markers.

use bson::oid::ObjectId as Oid;
use bson::{Bson, doc};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kairos_domain::discovery::{DatedMarker, Track};
use kairos_domain::id::JourneyId;
use kairos_domain::store::StoreError;
use mongodb::options::ReturnDocument;
use tokio::task::spawn_blocking;

use crate::mongodb::MongoStore;
use crate::mongodb::documents::{self, dated_marker, is_being_deleted, oid, segments_of};

/// How many journeys are renewed at once: each may have ten thousand markers, and thirty times as many days.
const JOURNEYS_AT_ONCE: usize = 4;

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
    /// Brings the tracks of some journeys up to date with their markers.
    pub(super) async fn renew(&self, ids: &[JourneyId]) -> Result<(), StoreError> {
        let _turn = self.renewals.turn.lock().await;
        stream::iter(ids.to_vec())
            .map(|id| self.renew_one(id))
            .buffered(JOURNEYS_AT_ONCE)
            .try_collect()
            .await
    }

    async fn renew_one(&self, id: JourneyId) -> Result<(), StoreError> {
        let Some(revision) = self.take_revision(id).await? else {
            return self.remove_track(id).await;
        };
        let Read { dated, outstanding } = self.read_for_renewal(id).await?;
        let track = spawn_blocking(move || Track::from_markers(&dated)).await;
        let track = track.map_err(|panicked| StoreError::Failed(panicked.into()))?;
        self.write_segments(id, revision, &track).await?;
        if self.finish(id, revision).await? {
            self.settle(outstanding).await?;
        }
        Ok(())
    }

    /// Takes a revision of a journey's track, later than all before; `None` if the journey is gone.
    async fn take_revision(&self, id: JourneyId) -> Result<Option<i64>, StoreError> {
        let db = &self.connection;
        let there = doc! { "_id": oid(id.0), "is_being_deleted": Bson::Null };
        // One that is no whole number is as good as none.
        let is_whole = doc! { "$in": [{ "$type": "$track_revision" }, ["int", "long"]] };
        let before = doc! { "$cond": [is_whole, "$track_revision", 0_i64] };
        let raise = doc! { "$set": { "track_revision": { "$add": [before, 1_i64] } } };
        let taken = db
            .journeys
            .find_one_and_update(there, vec![raise])
            .return_document(ReturnDocument::After)
            .write_concern(db.unhurried.clone())
            .projection(doc! { "track_revision": 1 });
        let journey = db.call(taken).await?;
        Ok(journey.and_then(|journey| documents::whole_number(&journey, "track_revision")))
    }

    async fn read_for_renewal(&self, id: JourneyId) -> Result<Read, StoreError> {
        let db = &self.connection;
        let mut projection = documents::fields_of_dated_markers();
        projection.extend(doc! { "is_untracked": 1, "changes": 1 });
        let markers = db
            .markers
            .find(doc! { "journey_id": oid(id.0) })
            .projection(projection);
        let mut markers = db.call(markers).await?;
        let mut read = Read::default();
        while db.call(markers.advance()).await? {
            let marker = markers.current();
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
    async fn write_segments(&self, id: JourneyId, revision: i64, track: &Track) -> Result<(), StoreError> {
        let db = &self.connection;
        let earlier = doc! { "$lt": revision };
        let puts = documents::segment_documents(id, revision, track.days()).map(|segment| {
            // Where there is a later one, the upsert is refused by its id.
            let which = doc! { "_id": segment.get("_id"), "revision": earlier.clone() };
            doc! { "q": which, "u": segment, "upsert": true }
        });
        let segments = db.track_segments.name();
        db.write_all("update", segments, "updates", puts).await?;
        let mut gone = segments_of(id);
        gone.insert("revision", earlier.clone());
        let deletes = [doc! { "q": gone, "limit": 0 }];
        db.write_all("delete", segments, "deletes", deletes).await
    }

    /// Says whether a revision is still the latest, and notes that it was drawn.
    async fn finish(&self, id: JourneyId, revision: i64) -> Result<bool, StoreError> {
        let db = &self.connection;
        let same = doc! { "_id": oid(id.0), "track_revision": revision, "is_being_deleted": Bson::Null };
        let drawn = doc! { "$set": { "has_track": true, "drawn_revision": revision } };
        let noted = db
            .journeys
            .update_one(same, drawn)
            .write_concern(db.unhurried.clone());
        let is_latest = db.call(noted).await?.matched_count > 0;
        if !is_latest {
            if self.journey_of_anybody(id).await?.is_some() {
                // Another process is drawing it. What was written here after that one's writes is swept away by a later revision.
                self.renew_soon([id]);
            } else {
                self.remove_track(id).await?;
            }
        }
        Ok(is_latest)
    }

    /// Tells markers that they are tracked, unless they have changed again, and removes those that are to go.
    async fn settle(&self, outstanding: Vec<Outstanding>) -> Result<(), StoreError> {
        let (gone, tracked): (Vec<_>, Vec<_>) = outstanding
            .into_iter()
            .partition(|marker| marker.is_being_deleted);
        let as_read = |marker: &Outstanding| doc! { "_id": marker.id, "changes": marker.changes };
        let updates = tracked
            .iter()
            .map(|marker| doc! { "q": as_read(marker), "u": { "$unset": { "is_untracked": "" } } });
        let deletes = gone
            .iter()
            .map(|marker| doc! { "q": as_read(marker), "limit": 1 });
        let (updates, deletes): (Vec<_>, Vec<_>) = (updates.collect(), deletes.collect());
        let db = &self.connection;
        let markers = db.markers.name();
        db.write_all("update", markers, "updates", updates).await?;
        db.write_all("delete", markers, "deletes", deletes).await
    }
}
