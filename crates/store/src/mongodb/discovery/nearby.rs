use std::collections::{HashMap, HashSet};
use std::iter;
use std::ops::RangeInclusive;

use bson::{Bson, Document, doc};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::Journey;
use kairos_domain::store::{NearbyMatch, NearbySearch, StoreError};
use tokio::task::spawn_blocking;

use super::cells::ranges_around;
use crate::mongodb::MongoStore;
use crate::mongodb::documents::{self, oid, place};
use crate::nearby::{NearestMarkers, Origins};

/// How many ranges of cells one query asks for.
const RANGES_A_QUERY: usize = 500;

/// How many markers the server sends at a time; they are compared while the next ones come.
const MARKERS_A_BATCH: u32 = 2_000;

/// How many journeys are looked at in one go, at the least.
const JOURNEYS_A_QUERY: usize = 100;

impl MongoStore {
    pub(super) async fn nearby_journeys(
        &self,
        search: &NearbySearch,
    ) -> Result<Vec<NearbyMatch>, StoreError> {
        let (places, radius_metres) = (search.origins.clone(), search.radius_metres);
        let prepared = spawn_blocking(move || {
            let origins = Origins::new(&places, radius_metres);
            let ranges = ranges_around(&origins);
            (origins, ranges)
        });
        let (origins, ranges) = prepared
            .await
            .map_err(|panicked| StoreError::Failed(panicked.into()))?;
        let mut nearest = NearestMarkers::default();
        // Markers of the earlier service that are in no cell yet are all looked at; first, since meanwhile they are put into cells.
        let no_cell = doc! { "cell": Bson::Null };
        let in_cells = ranges.chunks(RANGES_A_QUERY).map(in_ranges);
        for query in iter::once(no_cell).chain(in_cells) {
            self.take_markers(query, search.except_owner, &origins, &mut nearest)
                .await?;
        }
        let mut matches = Vec::new();
        let limit = search.limit as usize;
        for ranked in nearest.ranked().chunks(limit.max(JOURNEYS_A_QUERY)) {
            let ids = ranked.iter().map(|ranked| ranked.journey_id);
            let mut journeys = self.journeys_to_show(ids, search).await?;
            matches.extend(ranked.iter().filter_map(|ranked| {
                Some(NearbyMatch {
                    journey: journeys.remove(&ranked.journey_id)?,
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

    async fn take_markers(
        &self,
        mut query: Document,
        except_owner: UserId,
        origins: &Origins,
        nearest: &mut NearestMarkers,
    ) -> Result<(), StoreError> {
        let db = &self.connection;
        query.insert("owner_id", doc! { "$ne": oid(except_owner.0) });
        let markers = db
            .markers
            .find(query)
            .projection(doc! { "journey_id": 1, "coordinates": 1 })
            .batch_size(MARKERS_A_BATCH)
            .max_time(db.timeout);
        let mut markers = db.call(markers).await?;
        while db.call(markers.advance()).await? {
            // A place that can't be read is near nothing.
            if let Ok((id, journey_id, position)) = place(markers.current())
                && let Some(distance) = origins.distance_to(position)
            {
                nearest.offer(journey_id, distance, id);
            }
        }
        Ok(())
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

fn in_ranges(ranges: &[RangeInclusive<i64>]) -> Document {
    let ranges = ranges
        .iter()
        .map(|range| doc! { "cell": { "$gte": *range.start(), "$lte": *range.end() } });
    doc! { "$or": ranges.collect::<Vec<_>>() }
}
