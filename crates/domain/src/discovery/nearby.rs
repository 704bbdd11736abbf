use std::iter;

use super::bounds::in_time;
use crate::Kairos;
use crate::geo::Position;
use crate::id::JourneyId;
use crate::journeys::ViewJourneyError;
use crate::store::{NearbyMatch, NearbySearch, StoreError};
use crate::user::User;

/// What counts as near, and how much of it to give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearbyQuery {
    /// How far still counts, 0 to [`Self::MAX_DISTANCE_METRES`].
    pub max_distance_metres: f64,
    /// Whether journeys that are over count.
    pub include_completed: bool,
    /// The most journeys to give, 1 to [`Self::MAX_LIMIT`].
    pub limit: u32,
}

impl NearbyQuery {
    /// How far counts when nothing is said.
    pub const DEFAULT_DISTANCE_METRES: f64 = 100_000.0;
    /// The furthest that may be asked for.
    pub const MAX_DISTANCE_METRES: f64 = 500_000.0;
    /// How many journeys are given when nothing is said.
    pub const DEFAULT_LIMIT: u32 = 50;
    /// The most journeys that may be asked for.
    pub const MAX_LIMIT: u32 = 500;
}

impl Default for NearbyQuery {
    fn default() -> Self {
        Self {
            max_distance_metres: Self::DEFAULT_DISTANCE_METRES,
            include_completed: true,
            limit: Self::DEFAULT_LIMIT,
        }
    }
}

/// Why no journeys near a journey were given.
#[derive(Debug, thiserror::Error)]
pub enum NearbyError {
    /// There is no journey of this id that the reader may know of.
    #[error("no such journey")]
    JourneyNotFound,
    /// The store could not say, or not in time.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ViewJourneyError> for NearbyError {
    fn from(error: ViewJourneyError) -> Self {
        match error {
            ViewJourneyError::JourneyNotFound => Self::JourneyNotFound,
            ViewJourneyError::Store(error) => Self::Store(error),
        }
    }
}

impl Kairos {
    /// Finds the journeys of riders other than this journey's owner of which some marker is near some marker of this
    /// journey: nearest first, ties by id. A journey without markers has no neighbours.
    ///
    /// # Errors
    /// [`NearbyError`].
    pub async fn journeys_near_journey(
        &self,
        reader: &User,
        journey_id: JourneyId,
        query: NearbyQuery,
    ) -> Result<Vec<NearbyMatch>, NearbyError> {
        in_time(async {
            let journey = self.view_journey(reader, journey_id).await?;
            let markers = self.all_markers(journey_id).await?;
            if markers.is_empty() {
                return Ok(Vec::new());
            }
            let search = NearbySearch {
                origins: markers.iter().map(|marker| marker.details.position).collect(),
                radius_metres: query.max_distance_metres,
                except_owner: journey.user_id,
                include_completed: query.include_completed,
                limit: query.limit,
            };
            Ok(self.nearest(search).await?)
        })
        .await
    }

    /// Finds the journeys of riders other than the reader of which some marker is near a point: nearest first, ties by id.
    ///
    /// # Errors
    /// [`NearbyError::Store`].
    pub async fn journeys_near_point(
        &self,
        reader: &User,
        point: Position,
        query: NearbyQuery,
    ) -> Result<Vec<NearbyMatch>, NearbyError> {
        let search = NearbySearch {
            origins: vec![point],
            radius_metres: query.max_distance_metres,
            except_owner: reader.id,
            include_completed: query.include_completed,
            limit: query.limit,
        };
        in_time(async { Ok(self.nearest(search).await?) }).await
    }

    async fn nearest(&self, search: NearbySearch) -> Result<Vec<NearbyMatch>, StoreError> {
        widening(search.radius_metres, search.limit, |radius_metres| {
            let search = NearbySearch {
                radius_metres,
                ..search.clone()
            };
            async move { self.store.journeys_within(&search).await }
        })
        .await
    }
}

/// Where the widening begins: about what a town measures. Where there are many journeys, fifty are found in it.
const FIRST_RADIUS_METRES: f64 = 2_000.0;

/// How many times as far the next step reaches: sixteen times the area, so that all the steps before the last together cost
/// a fifteenth of it.
const WIDENING: f64 = 4.0;

/// Searches ever wider circles until one holds enough journeys.
///
/// One search of 500 km would read every marker of half a continent to give the nearest fifty. Widening reads little more than it
/// needs and is as exact: a circle holds everything that is as near as its rim, so that nothing outside it comes before
/// what is in it.
async fn widening<F>(
    max_distance_metres: f64,
    limit: u32,
    mut journeys_within: impl FnMut(f64) -> F,
) -> Result<Vec<NearbyMatch>, StoreError>
where
    F: Future<Output = Result<Vec<NearbyMatch>, StoreError>>,
{
    let radii = iter::successors(Some(FIRST_RADIUS_METRES.min(max_distance_metres)), |radius| {
        (*radius < max_distance_metres).then(|| (radius * WIDENING).min(max_distance_metres))
    });
    let mut found = Vec::new();
    for radius_metres in radii {
        found = journeys_within(radius_metres).await?;
        if found.len() >= limit as usize {
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
