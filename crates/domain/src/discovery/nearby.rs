use std::collections::{HashMap, HashSet};

use super::deadline::in_time;
use crate::Kairos;
use crate::geo::Position;
use crate::id::{JourneyId, UserId};
use crate::journeys::{PagedList, ViewJourneyError};
use crate::marker::Marker;
use crate::store::{Around, NearbyMatch, NearbySearch, StoreError};
use crate::user::{PublicProfile, User};

/// What counts as near, and how much of it to give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearbyQuery {
    /// The radius, 0 to [`Self::MAX_DISTANCE_METRES`]; `None` is the operator's
    /// [default](crate::Settings::nearby_distance_metres).
    pub max_distance_metres: Option<f64>,
    /// Whether journeys that are over count.
    pub include_completed: bool,
    /// The most journeys to give, 1 to [`Self::MAX_LIMIT`].
    pub limit: u32,
}

impl NearbyQuery {
    /// The radius that neither the client nor the operator has changed.
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
            max_distance_metres: None,
            include_completed: true,
            limit: Self::DEFAULT_LIMIT,
        }
    }
}

/// The parts of a nearby journey that a list can include.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Include {
    /// The rider.
    pub rider: bool,
    /// Its markers.
    pub markers: bool,
}

impl Include {
    /// The most markers that one answer includes, of all its journeys.
    pub const MAX_MARKERS: u32 = 50_000;
}

/// A nearby journey with its rider, if that is included.
#[derive(Debug, Clone, PartialEq)]
pub struct NearbyJourney {
    /// The match.
    pub found: NearbyMatch,
    /// The rider, as the reader may see them.
    pub rider: Option<PublicProfile>,
}

/// Why no journeys near a journey were given.
#[derive(Debug, thiserror::Error)]
pub enum NearbyError {
    /// There is no journey of this id that the reader may know of.
    #[error("no such journey")]
    JourneyNotFound,
    /// The answer would include more than [`Include::MAX_MARKERS`].
    #[error("too many markers to include")]
    TooManyMarkers,
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
            let search = self.nearby_search(reader, Around::Journey(journey_id), journey.user_id, query);
            Ok(self.store.nearby(&search).await?)
        })
        .await
    }

    /// Finds journeys as [`Self::journeys_near_journey`] does, with their riders if they are to be included.
    ///
    /// If markers are to be included, the journeys have at most [`Include::MAX_MARKERS`] together. They are read
    /// journey by journey, by [`Self::markers_of_nearby_journey`].
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

    /// Opens the list of a nearby journey's markers; `None` if the journey is gone, or hidden, by now.
    ///
    /// # Errors
    /// That of the store.
    pub async fn markers_of_nearby_journey(
        &self,
        reader: &User,
        found: &NearbyMatch,
    ) -> Result<Option<PagedList<Marker>>, StoreError> {
        self.markers_for(reader.id, found.journey.id, None, None).await
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
