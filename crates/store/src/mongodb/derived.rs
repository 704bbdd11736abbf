//! What is derived from other data (cells from places, tracks from markers): whether it is as it should be, and making it so. For
//! operators: both read everything.

use std::collections::HashSet;

use bson::oid::ObjectId as Oid;
use bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use futures_util::TryStreamExt as _;
use kairos_domain::discovery::Track;
use kairos_domain::id::{JourneyId, ObjectId};
use kairos_domain::store::StoreError;
use mongodb::Cursor;

use super::MongoStore;
use super::documents::{
    self, Drawing, NOWHERE, cells_of, is_as_expected, oid, place, segment_documents, segments_of,
};
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
        let db = &self.connection;
        let placed = doc! { "cells": { "$ne": Bson::Null }, "is_being_deleted": Bson::Null };
        let tracked = doc! { "has_track": true, "is_being_deleted": Bson::Null };
        let markers = self.markers_in_wrong_cells(placed).await?;
        let journeys = db.journeys.find(tracked).projection(doc! { "_id": 1 });
        let journeys = self
            .journeys_with_wrong_tracks(&journey_ids(journeys).await?)
            .await?;
        // What was changed while it was looked at is as it should be when it is looked at again.
        let mut wrong = OutOfStep {
            gone: self.tracks_without_journeys().await?,
            ..OutOfStep::default()
        };
        for ids in markers.chunks(A_BATCH) {
            let again = self
                .markers_in_wrong_cells(doc! { "_id": { "$in": ids } })
                .await?;
            wrong.markers.extend(again);
        }
        wrong.journeys = self.journeys_with_wrong_tracks(&journeys).await?;
        Ok(wrong)
    }

    /// Derives anew what is not as it should be, or behind.
    pub(super) async fn put_in_step(&self, wrong: &OutOfStep) -> Result<(), StoreError> {
        let db = &self.connection;
        for ids in wrong.markers.chunks(A_BATCH) {
            let which = doc! { "_id": { "$in": ids }, "is_being_deleted": Bson::Null };
            db.call(db.markers.update_many(which, doc! { "$unset": { "cells": "" } }))
                .await?;
        }
        self.put_markers_into_cells().await?;
        let journeys = wrong.journeys.iter().map(|id| oid(id.0));
        self.forget_tracks(journeys.collect()).await?;
        // Not overwritten but removed: whatever revision they are of, none is in the way of the next.
        for id in &wrong.journeys {
            db.call(db.track_segments.delete_many(segments_of(*id))).await?;
        }
        for id in &wrong.gone {
            self.remove_track(*id).await?;
        }
        self.renew_all_behind().await.map(drop)
    }

    async fn markers_in_wrong_cells(&self, which: Document) -> Result<Vec<Oid>, StoreError> {
        let db = &self.connection;
        let placed = db
            .markers
            .find(which)
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

    /// Those of some journeys whose tracks are not what their markers say, though nothing says that they are behind.
    async fn journeys_with_wrong_tracks(&self, ids: &[JourneyId]) -> Result<Vec<JourneyId>, StoreError> {
        let behind = self.journeys_with_untracked_markers().await?;
        let ids: Vec<_> = ids.iter().filter(|id| !behind.contains(id)).copied().collect();
        let mut wrong = Vec::new();
        for ids in ids.chunks(A_BATCH) {
            let drawings = self.drawings(ids).await?;
            let mut markers = self.dated_markers_on(ids).await?;
            for id in ids {
                let revision = match drawings.get(id) {
                    Some(Drawing::Done(revision)) => *revision,
                    Some(Drawing::NotBegun) => 0,
                    // Somebody is at it, or it is gone.
                    Some(Drawing::Unfinished) | None => continue,
                };
                let track = Track::from_markers(&markers.remove(id).unwrap_or_default());
                let expected = segment_documents(*id, revision, track.days());
                if !are_alike(&self.segments(*id).await?, &expected.collect::<Vec<_>>()) {
                    wrong.push(*id);
                }
            }
        }
        Ok(wrong)
    }

    /// What is kept of a journey's track, in the order of its days.
    async fn segments(&self, id: JourneyId) -> Result<Vec<RawDocumentBuf>, StoreError> {
        let segments = self
            .connection
            .track_segments
            .find(segments_of(id))
            .sort(doc! { "_id": 1 });
        let segments = segments.await.map_err(translate)?;
        segments.try_collect().await.map_err(translate)
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

async fn journey_ids(
    query: impl IntoFuture<Output = mongodb::error::Result<Cursor<RawDocumentBuf>>>,
) -> Result<Vec<JourneyId>, StoreError> {
    let mut journeys = query.await.map_err(translate)?;
    let mut ids = Vec::new();
    while journeys.advance().await.map_err(translate)? {
        ids.extend(
            documents::id_of(journeys.current(), "journey")
                .ok()
                .map(JourneyId),
        );
    }
    Ok(ids)
}

fn are_alike(kept: &[RawDocumentBuf], expected: &[Document]) -> bool {
    let mut pairs = kept.iter().zip(expected);
    kept.len() == expected.len() && pairs.all(|(kept, expected)| is_as_expected(kept, expected))
}

fn field(document: &RawDocument, name: &str) -> Option<Bson> {
    document
        .get(name)
        .ok()
        .flatten()
        .and_then(|value| Bson::try_from(value).ok())
}
