use std::collections::{HashMap, HashSet};

use super::deadline::in_time;
use crate::Kairos;
use crate::geo::Position;
use crate::id::{JourneyId, UserId};
use crate::journeys::{PagedList, ViewJourneyError};
use crate::marker::Marker;
use crate::store::{Around, NearbyMatch, NearbySearch, StoreError};
use crate::user::{PublicProfile, User};

/// The criteria of a nearby journey, and the number of journeys to return.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearbyQuery {
    /// The radius, 0 to [`Self::MAX_DISTANCE_METRES`]; `None` is the operator's
    /// [default](crate::Settings::nearby_distance_metres).
    pub max_distance_metres: Option<f64>,
    /// Whether to include completed journeys.
    pub include_completed: bool,
    /// The most journeys to return, 1 to [`Self::MAX_LIMIT`].
    pub limit: u32,
}

impl NearbyQuery {
    /// The radius if neither the client nor the operator sets one.
    pub const DEFAULT_DISTANCE_METRES: f64 = 100_000.0;
    /// The largest permitted `max_distance_metres`.
    pub const MAX_DISTANCE_METRES: f64 = 500_000.0;
    /// The default of `limit`.
    pub const DEFAULT_LIMIT: u32 = 50;
    /// The largest permitted `limit`.
    pub const MAX_LIMIT: u32 = 500;
}

impl Default for NearbyQuery {
    fn default() -> Self {
        Self {
            max_distance_metres: None,
            include_completed: true,
            limit: Self::DEFAULT_LIMIT,
        }
    }
}

/// The parts of a nearby journey that a list can include.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Include {
    /// The profile of the rider.
    pub rider: bool,
    /// The markers of the journey.
    pub markers: bool,
    /// The simplified lines of the journey.
    pub lines: bool,
}

impl Include {
    /// The most markers in one response, for all its journeys together.
    pub const MAX_MARKERS: u32 = 50_000;
}

/// A nearby journey with its rider, if that is included.
#[derive(Debug, Clone, PartialEq)]
pub struct NearbyJourney {
    /// The match.
    pub found: NearbyMatch,
    /// The rider's profile, as far as the reader may see it.
    pub rider: Option<PublicProfile>,
}

/// Why nearby journeys were not returned.
#[derive(Debug, thiserror::Error)]
pub enum NearbyError {
    /// No journey that the reader may see has this id.
    #[error("no such journey")]
    JourneyNotFound,
    /// The response would include more markers than [`Include::MAX_MARKERS`].
    #[error("too many markers to include")]
    TooManyMarkers,
    /// The store failed, or the query reached its deadline.
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
    /// Returns the journeys of other riders with a marker near a marker of this journey.
    ///
    /// The other riders are those other than the owner of this journey. The nearest journey comes first, ties
    /// by id. A journey without markers has no neighbours.
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
            let search = self.nearby_search(reader, Around::Journey(journey_id), journey.user_id, query);
            Ok(self.store.nearby(&search).await?)
        })
        .await
    }

    /// Returns journeys as [`Self::journeys_near_journey`] does, with their riders if requested.
    ///
    /// If markers are requested, the journeys have at most [`Include::MAX_MARKERS`] together. The caller
    /// reads the markers of each journey with [`Self::markers_of_nearby_journey`].
    ///
    /// # Errors
    /// [`NearbyError`].
    pub async fn list_nearby_journeys(
        &self,
        reader: &User,
        journey_id: JourneyId,
        query: NearbyQuery,
        include: Include,
    ) -> Result<Vec<NearbyJourney>, NearbyError> {
        let found = self.journeys_near_journey(reader, journey_id, query).await?;
        let mut riders = HashMap::new();
        if include.rider {
            let ids: HashSet<_> = found.iter().map(|found| found.journey.user_id).collect();
            let users = self.store.users(&Vec::from_iter(ids)).await?;
            riders.extend(
                users
                    .into_iter()
                    .map(|user| (user.id, user.public_profile(reader))),
            );
        }
        if include.markers {
            let ids: Vec<_> = found.iter().map(|found| found.journey.id).collect();
            let most = Include::MAX_MARKERS;
            if self.store.have_more_markers_than(most, &ids, reader.id).await? {
                return Err(NearbyError::TooManyMarkers);
            }
        }
        let with_more = found.into_iter().map(|found| NearbyJourney {
            rider: riders.get(&found.journey.user_id).cloned(),
            found,
        });
        Ok(with_more.collect())
    }

    /// Opens the list of a nearby journey's markers, or returns `None` if the journey is gone or hidden.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn markers_of_nearby_journey(
        &self,
        reader: &User,
        found: &NearbyMatch,
    ) -> Result<Option<PagedList<Marker>>, StoreError> {
        self.markers_for(reader.id, found.journey.id, None, None).await
    }

    /// Returns the journeys of riders other than the reader with a marker near a point.
    ///
    /// The nearest journey comes first, ties by id.
    ///
    /// # Errors
    /// [`NearbyError::Store`].
    pub async fn journeys_near_point(
        &self,
        reader: &User,
        point: Position,
        query: NearbyQuery,
    ) -> Result<Vec<NearbyMatch>, NearbyError> {
        let search = self.nearby_search(reader, Around::Point(point), reader.id, query);
        in_time(async { Ok(self.store.nearby(&search).await?) }).await
    }

    fn nearby_search(
        &self,
        reader: &User,
        around: Around,
        except_owner: UserId,
        query: NearbyQuery,
    ) -> NearbySearch {
        let default_distance = self.settings.nearby_distance_metres;
        NearbySearch {
            reader: reader.id,
            around,
            radius_metres: query.max_distance_metres.unwrap_or(default_distance),
            except_owner,
            include_completed: query.include_completed,
            limit: query.limit,
        }
    }
}
