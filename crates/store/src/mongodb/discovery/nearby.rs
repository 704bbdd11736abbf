use std::collections::{HashMap, HashSet};

use bson::{Bson, Document, doc};
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::Journey;
use kairos_domain::store::{NearbyMatch, NearbySearch, StoreError};
use tokio::task::spawn_blocking;

use crate::mongodb::MongoStore;
use crate::mongodb::documents::{self, oid, place};
use crate::places::{Ranked, Widening};

/// How many cells one query asks for.
const CELLS_A_QUERY: usize = 10_000;

/// How many markers the server sends at a time; they are compared while the next ones come.
const MARKERS_A_BATCH: u32 = 2_000;

/// How many journeys are looked at in one go, at the least.
const JOURNEYS_A_QUERY: usize = 100;

impl MongoStore {
    pub(super) async fn places_on(&self, journey_id: JourneyId) -> Result<Vec<Position>, StoreError> {
        let db = &self.connection;
        let markers = db
            .markers
            .find(doc! { "journey_id": oid(journey_id.0), "is_being_deleted": Bson::Null })
            .projection(doc! { "journey_id": 1, "coordinates": 1 })
            .batch_size(MARKERS_A_BATCH);
        let mut markers = db.call(markers).await?;
        let mut places = Vec::new();
        while db.call(markers.advance()).await? {
            // A place that can't be read is near nothing.
            places.extend(place(markers.current()).ok().map(|(.., position)| position));
        }
        Ok(places)
    }

    pub(super) async fn nearby_journeys(
        &self,
        search: &NearbySearch,
    ) -> Result<Vec<NearbyMatch>, StoreError> {
        let db = &self.connection;
        let markers = db.call(db.markers.estimated_document_count()).await?;
        let first = search.clone();
        let mut widening = off_the_async_threads(move || Widening::new(&first, markers)).await?;
        // Markers of the earlier service that are in no cell yet are all looked at; first, since meanwhile they are put into cells.
        let mut cells = vec![Bson::Null];
        let mut shown = Shown::default();
        let mut found = 0;
        let limit = search.limit as usize;
        loop {
            let wider = off_the_async_threads(move || {
                cells.extend(
                    widening
                        .widen(found)
                        .into_iter()
                        .map(|cell| Bson::from(cell.code())),
                );
                (widening, cells)
            });
            (widening, cells) = wider.await?;
            for cells in cells.chunks(CELLS_A_QUERY) {
                self.read(cells, search.except_owner, &mut widening).await?;
            }
            cells.clear();
            let ranking = widening.ranking();
            found = ranking.len();
            if found >= limit || widening.is_exhausted() {
                let matches = self.matches(&ranking, search, &mut shown).await?;
                found = matches.len();
                if found >= limit || widening.is_exhausted() {
                    return Ok(matches);
                }
            }
        }
    }

    async fn read(
        &self,
        cells: &[Bson],
        except_owner: UserId,
        widening: &mut Widening,
    ) -> Result<(), StoreError> {
        let db = &self.connection;
        let query = doc! { "cells": { "$in": cells }, "owner_id": { "$ne": oid(except_owner.0) } };
        let markers = db
            .markers
            .find(query)
            .projection(doc! { "journey_id": 1, "coordinates": 1 })
            .batch_size(MARKERS_A_BATCH)
            .max_time(db.timeout);
        let mut markers = db.call(markers).await?;
        while db.call(markers.advance()).await? {
            // A place that can't be read is near nothing.
            if let Ok((id, journey_id, position)) = place(markers.current()) {
                widening.offer(journey_id, id, position);
            }
        }
        Ok(())
    }

    /// The first of a ranking that may be shown, as many as are asked for.
    async fn matches(
        &self,
        ranking: &[Ranked],
        search: &NearbySearch,
        shown: &mut Shown,
    ) -> Result<Vec<NearbyMatch>, StoreError> {
        let limit = search.limit as usize;
        let mut matches = Vec::new();
        for ranked in ranking.chunks(limit.max(JOURNEYS_A_QUERY)) {
            let ids = ranked.iter().map(|ranked| ranked.journey_id);
            let unknown: Vec<_> = ids.filter(|id| !shown.contains_key(id)).collect();
            if !unknown.is_empty() {
                let mut journeys = self.journeys_to_show(unknown.iter().copied(), search).await?;
                shown.extend(unknown.into_iter().map(|id| (id, journeys.remove(&id))));
            }
            matches.extend(ranked.iter().filter_map(|ranked| {
                Some(NearbyMatch {
                    journey: shown.get(&ranked.journey_id)?.clone()?,
                    marker_id: ranked.marker_id,
                    distance: ranked.distance,
                })
            }));
            if matches.len() >= limit {
                break;
            }
        }
        matches.truncate(limit);
        Ok(matches)
    }

    /// Those of some journeys that the search may show.
    async fn journeys_to_show(
        &self,
        ids: impl Iterator<Item = JourneyId>,
        search: &NearbySearch,
    ) -> Result<HashMap<JourneyId, Journey>, StoreError> {
        let db = &self.connection;
        let mut shown = public_journeys_of_others(search.except_owner);
        shown.insert("_id", doc! { "$in": ids.map(|id| oid(id.0)).collect::<Vec<_>>() });
        if !search.include_completed {
            shown.insert("completed", doc! { "$ne": true });
        }
        let journeys = db.all(db.journeys.find(shown)).await?;
        let journeys: Vec<_> = journeys
            .iter()
            .filter_map(|journey| documents::if_readable(documents::journey(journey)).transpose())
            .collect::<Result<_, _>>()?;
        let riders = self
            .existing_riders(journeys.iter().map(|journey| journey.user_id).collect())
            .await?;
        let journeys = journeys.into_iter();
        Ok(journeys
            .filter(|journey| riders.contains(&journey.user_id))
            .map(|journey| (journey.id, journey))
            .collect())
    }

    async fn existing_riders(&self, ids: HashSet<UserId>) -> Result<HashSet<UserId>, StoreError> {
        let db = &self.connection;
        let ids: Vec<_> = ids.into_iter().map(|id| oid(id.0)).collect();
        let riders = db
            .users
            .find(doc! { "_id": { "$in": ids } })
            .projection(doc! { "is_being_deleted": 1 });
        let riders = db.all(riders).await?;
        let riders = riders.iter().filter(|rider| !documents::is_being_deleted(rider));
        riders
            .map(|rider| documents::id_of(rider, "user").map(UserId))
            .collect()
    }
}

/// The journeys that discovery may show to a rider.
pub(super) fn public_journeys_of_others(rider: UserId) -> Document {
    doc! {
        "visibility": { "$ne": "private" },
        "user_id": { "$ne": oid(rider.0) },
        "is_being_deleted": Bson::Null,
    }
}

/// The journeys that were looked up, as far as they may be shown.
type Shown = HashMap<JourneyId, Option<Journey>>;

/// Computes on a blocking thread: a search may be around ten thousand places.
async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    let outcome = spawn_blocking(work).await;
    outcome.map_err(|panicked| StoreError::Failed(panicked.into()))
}
