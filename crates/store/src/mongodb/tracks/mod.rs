//! Tracks, kept by the day beside the markers that they follow from, in step with them without any transaction.
//!
//! A marker's document tells by itself that its journey's track is behind it (`is_untracked`): that is written together with what the marker
//! says, so that nothing can come between. A marker that is removed stays, invisible, until the track has left it behind. Whoever renews a track
//! takes a revision of the journey's first, reads the markers, and overwrites only what is of earlier revisions; then, unless somebody has taken
//! a later revision meanwhile, the revision is noted as drawn, and the markers that were read are marked as tracked. Killed anywhere in between, the markers still say that the track is
//! behind, and searches ask them instead of it.

mod queue;
mod renewal;

use std::collections::HashSet;

use bson::oid::ObjectId as Oid;
use bson::{Bson, doc};
use kairos_domain::id::{JourneyId, ObjectId};
use kairos_domain::store::StoreError;

use super::MongoStore;
use super::documents::{self, oid, segments_of};

pub(super) use queue::Renewals;

/// How many journeys are renewed in one go; in between, others have their turn.
const JOURNEYS_A_BATCH: usize = 50;

impl MongoStore {
    /// Renews all that are behind; says how many there were. Whoever comes while this process is at it finds little left to do.
    pub(in crate::mongodb) async fn renew_all_behind(&self) -> Result<u64, StoreError> {
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
    pub(in crate::mongodb) async fn journeys_with_untracked_markers(
        &self,
    ) -> Result<HashSet<JourneyId>, StoreError> {
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
    pub(in crate::mongodb) async fn remove_track(&self, id: JourneyId) -> Result<(), StoreError> {
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
    pub(in crate::mongodb) async fn forget_tracks(&self, journeys: HashSet<Oid>) -> Result<(), StoreError> {
        let db = &self.connection;
        let tracked = doc! { "_id": { "$in": journeys.into_iter().collect::<Vec<_>>() }, "has_track": true };
        let forget = doc! { "$unset": { "has_track": "" } };
        db.call(db.journeys.update_many(tracked, forget)).await.map(drop)
    }
}
