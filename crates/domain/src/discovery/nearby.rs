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
            // At once: it is one wait less, and of a journey that may not be seen nothing is told.
            let journey = async { Ok::<_, NearbyError>(self.view_journey(reader, journey_id).await?) };
            let origins = async { Ok(self.store.places_of(journey_id).await?) };
            let (journey, origins) = tokio::try_join!(journey, origins)?;
            if origins.is_empty() {
                return Ok(Vec::new());
            }
            let search = NearbySearch {
                origins,
                around: Some(journey_id),
                radius_metres: query.max_distance_metres,
                except_owner: journey.user_id,
                include_completed: query.include_completed,
                limit: query.limit,
            };
            Ok(self.store.journeys_within(&search).await?)
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
            around: None,
            radius_metres: query.max_distance_metres,
            except_owner: reader.id,
            include_completed: query.include_completed,
            limit: query.limit,
        };
        in_time(async { Ok(self.store.journeys_within(&search).await?) }).await
    }
}
