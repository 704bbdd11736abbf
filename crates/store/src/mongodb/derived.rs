//! What is derived from other data (cells from places, tracks from markers): whether it is as it should be, and making it so. For
//! operators: both read everything.

use std::collections::{HashMap, HashSet};

use bson::oid::ObjectId as Oid;
use bson::{Bson, Document, RawDocument, doc};
use futures_util::TryStreamExt as _;
use kairos_domain::discovery::Track;
use kairos_domain::id::{JourneyId, ObjectId};
use kairos_domain::store::StoreError;

use super::MongoStore;
use super::documents::{self, NOWHERE, cells_of, oid, place, segment_documents, segments_of};
use super::error::translate;

/// How many journeys or markers are looked at in one go.
const A_BATCH: usize = 500;

/// What is not as it follows from other data.
#[derive(Debug, Default)]
pub(super) struct OutOfStep {
    /// Markers with the cells of another place.
    pub(super) markers: Vec<Oid>,
    /// Journeys with the track of other markers.
    pub(super) journeys: Vec<JourneyId>,
    /// Journeys that are gone but for their tracks.
    pub(super) gone: Vec<JourneyId>,
}

impl MongoStore {
    /// Compares all that is derived with what it follows from. What is known to be behind is not among it.
    pub(super) async fn out_of_step(&self) -> Result<OutOfStep, StoreError> {
        Ok(OutOfStep {
            markers: self.markers_in_wrong_cells().await?,
            journeys: self.journeys_with_wrong_tracks().await?,
            gone: self.tracks_without_journeys().await?,
        })
    }

    /// Derives anew what is not as it should be, or behind.
    pub(super) async fn put_in_step(&self, wrong: &OutOfStep) -> Result<(), StoreError> {
        for ids in wrong.markers.chunks(A_BATCH) {
            let forget: Vec<_> = ids
                .iter()
                .map(|id| doc! { "q": { "_id": id, "is_being_deleted": Bson::Null }, "u": { "$unset": { "cells": "" } } })
                .collect();
            let db = &self.connection;
            db.write_all("update", db.markers.name(), "updates", &forget)
                .await?;
        }
        self.put_markers_into_cells().await?;
        let journeys = wrong.journeys.iter().map(|id| oid(id.0));
        self.forget_tracks(journeys.collect()).await?;
        for id in &wrong.gone {
            self.remove_track(*id).await?;
        }
        self.renew_all_behind().await.map(drop)
    }

    async fn markers_in_wrong_cells(&self) -> Result<Vec<Oid>, StoreError> {
        let db = &self.connection;
        let placed = db
            .markers
            .find(doc! { "cells": { "$ne": Bson::Null }, "is_being_deleted": Bson::Null })
            .projection(doc! { "journey_id": 1, "coordinates": 1, "cells": 1 });
        let mut markers = placed.await.map_err(translate)?;
        let mut wrong = Vec::new();
        while markers.advance().await.map_err(translate)? {
            let marker = markers.current();
            let expected = place(marker).map_or_else(|_| NOWHERE.into(), |(.., place)| cells_of(place));
            if let Ok(id) = marker.get_object_id("_id")
                && field(marker, "cells") != Some(expected)
            {
                wrong.push(id);
            }
        }
        Ok(wrong)
    }

    async fn journeys_with_wrong_tracks(&self) -> Result<Vec<JourneyId>, StoreError> {
        let db = &self.connection;
        let behind = self.journeys_with_untracked_markers().await?;
        let with_track = doc! { "has_track": true, "is_being_deleted": Bson::Null };
        let ids = db.journeys.find(with_track).projection(doc! { "_id": 1 });
        let ids: Vec<_> = ids
            .await
            .map_err(translate)?
            .try_collect()
            .await
            .map_err(translate)?;
        let ids: Vec<_> = ids
            .iter()
            .filter_map(|journey| documents::id_of(journey, "journey").ok())
            .map(JourneyId)
            .filter(|id| !behind.contains(id))
            .collect();
        let mut wrong = Vec::new();
        for ids in ids.chunks(A_BATCH) {
            let mut markers = self.dated_markers_on(ids).await?;
            for id in ids {
                let track = Track::from_markers(&markers.remove(id).unwrap_or_default());
                let expected = segment_documents(*id, 0, track.days()).map(without_revision);
                if self.segments(*id).await? != expected.collect::<HashMap<_, _>>() {
                    wrong.push(*id);
                }
            }
        }
        Ok(wrong)
    }

    /// What is kept of a journey's track, by the spans of its segments.
    async fn segments(&self, id: JourneyId) -> Result<HashMap<String, Document>, StoreError> {
        let db = &self.connection;
        let segments = db.track_segments.clone_with_type::<Document>();
        let segments = segments.find(segments_of(id));
        let segments: Vec<_> = segments
            .await
            .map_err(translate)?
            .try_collect()
            .await
            .map_err(translate)?;
        Ok(segments.into_iter().map(without_revision).collect())
    }

    async fn tracks_without_journeys(&self) -> Result<Vec<JourneyId>, StoreError> {
        let db = &self.connection;
        let steps = [
            doc! { "$group": { "_id": "$_id.journey_id" } },
            doc! { "$lookup": { "from": "journeys", "localField": "_id", "foreignField": "_id", "as": "journeys" } },
            doc! { "$match": { "journeys": [] } },
        ];
        let gone = db
            .track_segments
            .aggregate(steps)
            .allow_disk_use(true)
            .await
            .map_err(translate)?;
        let gone: Vec<Document> = gone.try_collect().await.map_err(translate)?;
        let ids: HashSet<_> = gone
            .iter()
            .filter_map(|gone| gone.get_object_id("_id").ok())
            .collect();
        Ok(ids
            .into_iter()
            .map(|id| JourneyId(ObjectId::from_bytes(id.bytes())))
            .collect())
    }
}

fn without_revision(mut segment: Document) -> (String, Document) {
    segment.remove("revision");
    (
        segment.get("_id").map(Bson::to_string).unwrap_or_default(),
        segment,
    )
}

fn field(document: &RawDocument, name: &str) -> Option<Bson> {
    document
        .get(name)
        .ok()
        .flatten()
        .and_then(|value| Bson::try_from(value).ok())
}
