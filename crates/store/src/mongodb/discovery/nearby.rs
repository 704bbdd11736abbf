use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use bson::{Bson, Document, doc};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::Journey;
use kairos_domain::store::{NearbyMatch, NearbySearch, StoreError};
use tokio::task::spawn_blocking;

use crate::mongodb::MongoStore;
use crate::mongodb::documents::{self, oid, place};
use crate::places::{Grid, Ranked, Widening};

/// How many cells one query asks for.
const CELLS_A_QUERY: usize = 10_000;

/// How many queries are on their way at once: the server has other cores.
const QUERIES_AT_ONCE: usize = 2;

/// How many markers the server sends at a time; they are compared while the next ones come.
const MARKERS_A_BATCH: u32 = 2_000;

/// How many journeys more than are missing are looked at in one go: some are private.
const SPARE_JOURNEYS: usize = 10;

/// Around more places than this is not computed on an async thread.
const MANY_PLACES: usize = 200;

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
        let markers = self.connection.about_how_many_markers().await?;
        let places = search.origins.len();
        let first = search.clone();
        let mut widening = compute(places, move || Widening::new(&first, &Grid::OF_CODES, markers)).await?;
        // Markers of the earlier service that are in no cell yet are all looked at with the first circle. Each query looks for them, and before its
        // cells: meanwhile they are put into cells.
        let mut in_no_cell = Some(Bson::Null);
        let mut shown = Shown::default();
        let mut found = 0;
        let limit = search.limit as usize;
        loop {
            let wider = compute(places, move || {
                let cells = widening
                    .widen(found)
                    .into_iter()
                    .map(|cell| Bson::from(cell.code()));
                (cells.collect::<Vec<_>>(), widening)
            });
            let (cells, wider) = wider.await?;
            let reading = Mutex::new(wider);
            let cells_a_query = cells.len().div_ceil(QUERIES_AT_ONCE).clamp(1, CELLS_A_QUERY);
            let first = in_no_cell.take();
            let queries = cells
                .chunks(cells_a_query)
                .map(|cells| first.iter().chain(cells).cloned().collect::<Vec<_>>());
            stream::iter(queries.collect::<Vec<_>>())
                .map(async |cells| self.read(cells, search.around, &reading).await)
                .buffered(QUERIES_AT_ONCE)
                .try_collect::<()>()
                .await?;
            widening = reading.into_inner().unwrap_or_else(PoisonError::into_inner);
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
        cells: Vec<Bson>,
        except: Option<JourneyId>,
        widening: &Mutex<Widening>,
    ) -> Result<(), StoreError> {
        let db = &self.connection;
        let mut query = doc! { "cells": { "$in": cells } };
        query.extend(except.map(|id| ("journey_id".to_owned(), Bson::from(doc! { "$ne": oid(id.0) }))));
        let markers = db
            .markers
            .find(query)
            .projection(doc! { "journey_id": 1, "coordinates": 1 })
            .batch_size(MARKERS_A_BATCH)
            .max_time(db.time_to_search());
        let mut markers = db.call(markers).await?;
        while db.call(markers.advance()).await? {
            // A place that can't be read is near nothing.
            if let Ok((id, journey_id, position)) = place(markers.current()) {
                let mut widening = widening.lock().unwrap_or_else(PoisonError::into_inner);
                widening.offer(journey_id, id, position)?;
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
        for ranked in ranking.chunks(limit + SPARE_JOURNEYS) {
            let ids = ranked.iter().map(|ranked| ranked.journey_id);
            let unknown: Vec<_> = ids.filter(|id| !shown.contains_key(id)).collect();
            if !unknown.is_empty() {
                let mut journeys = self.journeys_to_show(unknown.iter().copied(), search).await?;
                shown.extend(
                    unknown
                        .into_iter()
                        .map(|id| (id, journeys.remove(&id).map(Box::new))),
                );
            }
            matches.extend(ranked.iter().filter_map(|ranked| {
                Some(NearbyMatch {
                    journey: shown.get(&ranked.journey_id)?.as_deref()?.clone(),
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
type Shown = HashMap<JourneyId, Option<Box<Journey>>>;

/// Computes on a blocking thread if it is around many places; for a few, the way there takes longer.
async fn compute<T: Send + 'static>(
    places: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    if places <= MANY_PLACES {
        return Ok(work());
    }
    let outcome = spawn_blocking(work).await;
    outcome.map_err(|panicked| StoreError::Failed(panicked.into()))
}
