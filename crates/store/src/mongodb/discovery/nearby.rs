use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bson::{Bson, doc};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::journey::Journey;
use kairos_domain::store::{Around, NearbyMatch, NearbySearch, StoreError};
use mongodb::options::Hint;
use tokio::task::{spawn_blocking, yield_now};

use crate::effort::Effort;
use crate::mongodb::MongoStore;
use crate::mongodb::connection::DOCUMENTS_BETWEEN_PAUSES;
use crate::mongodb::documents::{object_id, oid, place_of};
use crate::mongodb::indexes::riding_order_keys;
use crate::spatial_index::{ExpandingSearch, Grid, Ranked};

/// Limit of cells in one query.
const CELLS_A_QUERY: usize = 10_000;

/// Limit of concurrent queries, which run on several cores of the server.
const QUERIES_AT_ONCE: usize = 2;

/// Markers in one reply of the server. The store compares them while the next reply is on its way.
const MARKERS_A_BATCH: u32 = 2_000;

/// Journeys that are read in addition to the missing ones, since some are private.
const SPARE_JOURNEYS: usize = 10;

/// Number of origins beyond which a computation moves to a blocking thread.
const MANY_PLACES: usize = 200;

impl MongoStore {
    async fn origins(&self, around: Around) -> Result<Vec<Position>, StoreError> {
        let journey_id = match around {
            Around::Point(position) => return Ok(vec![position]),
            Around::Journey(id) => id,
        };
        let db = &self.connection;
        let markers = db
            .markers
            .find(doc! { "journey_id": oid(journey_id.0) })
            .hint(Hint::Keys(riding_order_keys()))
            .projection(doc! { "_id": 0, "derived.place": 1 })
            .batch_size(MARKERS_A_BATCH);
        let (places, is_there) = tokio::try_join!(db.map_all(markers, place_of), self.is_there(journey_id))?;
        // Skip markers without a readable position.
        Ok(places.into_iter().flatten().filter(|_| is_there).collect())
    }

    pub(super) async fn nearby_journeys(
        &self,
        search: &NearbySearch,
        effort: Effort,
    ) -> Result<Vec<NearbyMatch>, StoreError> {
        let (origins, markers) = tokio::try_join!(
            self.origins(search.around),
            self.connection.about_how_many_markers()
        )?;
        if origins.is_empty() {
            return Ok(Vec::new());
        }
        let places = origins.len();
        let first = search.clone();
        let mut expanding = compute(places, move || {
            ExpandingSearch::new(&origins, &first, &Grid::OF_CODES, markers, effort)
        })
        .await??;
        let mut shown = Shown::default();
        let mut found = 0;
        let limit = search.limit as usize;
        loop {
            let wider = compute(places, move || {
                let cells = expanding.widen(found)?.into_iter();
                let cells = cells.map(|cell| Bson::from(cell.code()));
                Ok::<_, StoreError>((cells.collect::<Vec<_>>(), expanding))
            });
            let (cells, wider) = wider.await??;
            let reading = Mutex::new(wider);
            let cells_a_query = cells.len().div_ceil(QUERIES_AT_ONCE).clamp(1, CELLS_A_QUERY);
            let queries = cells.chunks(cells_a_query).map(<[Bson]>::to_vec);
            stream::iter(queries.collect::<Vec<_>>())
                .map(async |cells| self.read_cells(cells, &reading).await)
                .buffered(QUERIES_AT_ONCE)
                .try_collect::<()>()
                .await?;
            expanding = reading.into_inner().unwrap_or_else(PoisonError::into_inner);
            let ranking = expanding.ranking();
            found = ranking.len();
            if found >= limit || expanding.is_exhausted() {
                let matches = self.matches(&ranking, search, &mut shown, &mut expanding).await?;
                found = matches.len();
                if found >= limit || expanding.is_exhausted() {
                    return Ok(matches);
                }
            }
        }
    }

    async fn read_cells(
        &self,
        cells: Vec<Bson>,
        expanding: &Mutex<ExpandingSearch>,
    ) -> Result<(), StoreError> {
        let db = &self.connection;
        let markers = db
            .markers
            .find(doc! { "derived.cells": { "$in": cells } })
            .projection(doc! { "journey_id": 1, "derived.place": 1 })
            .batch_size(MARKERS_A_BATCH)
            .max_time(db.time_to_search());
        let mut markers = db.call(markers).await?;
        let mut read = 0_usize;
        while db.call(markers.advance()).await? {
            read += 1;
            if read.is_multiple_of(DOCUMENTS_BETWEEN_PAUSES) {
                yield_now().await;
            }
            let marker = markers.current();
            let ids = (marker.get_object_id("_id"), marker.get_object_id("journey_id"));
            if let ((Ok(id), Ok(journey_id)), Some(position)) = (ids, place_of(marker)) {
                let journey_id = JourneyId(object_id(journey_id));
                let mut expanding = expanding.lock().unwrap_or_else(PoisonError::into_inner);
                expanding.offer(journey_id, MarkerId(object_id(id)), position)?;
            }
        }
        Ok(())
    }

    /// Returns the first journeys of a ranking that the search may show, at most `limit`.
    async fn matches(
        &self,
        ranking: &[Ranked],
        search: &NearbySearch,
        shown: &mut Shown,
        expanding: &mut ExpandingSearch,
    ) -> Result<Vec<NearbyMatch>, StoreError> {
        let limit = search.limit as usize;
        let mut matches = Vec::new();
        for ranked in ranking.chunks(limit + SPARE_JOURNEYS) {
            let ids = ranked.iter().map(|ranked| ranked.journey_id);
            let unknown: Vec<_> = ids.filter(|id| !shown.contains_key(id)).collect();
            if !unknown.is_empty() {
                expanding.spend_on_journeys(unknown.len())?;
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
                    position: without_elevation(ranked.position)?,
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

    /// Reads the journeys that the search may show.
    async fn journeys_to_show(
        &self,
        ids: impl Iterator<Item = JourneyId>,
        search: &NearbySearch,
    ) -> Result<HashMap<JourneyId, Journey>, StoreError> {
        let mut journeys = self.journeys_by_ids(ids).await?;
        journeys.retain(|_, journey| journey.may_be_found_by(search.except_owner, search.include_completed));
        self.retain_journeys_of_present_riders(&mut journeys).await?;
        Ok(journeys)
    }
}

fn without_elevation(position: Position) -> Option<Position> {
    Position::new(position.longitude(), position.latitude(), None).ok()
}

/// The journeys that were read; `None` for those that the search may not show.
type Shown = HashMap<JourneyId, Option<Box<Journey>>>;

/// Runs a computation with many origins on a blocking thread. With few origins, the switch would take longer.
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
