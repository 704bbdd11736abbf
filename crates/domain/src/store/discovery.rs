use async_trait::async_trait;

use super::StoreError;
use crate::discovery::DayPosition;
use crate::geo::{Distance, Position};
use crate::id::{MarkerId, UserId};
use crate::journey::Journey;
use crate::marker::Marker;
use crate::user::User;

/// Finding other riders' journeys in space and time.
#[async_trait]
pub trait Discovery: Send + Sync {
    /// The journeys of which some marker lies within the radius of some origin, each with the nearest of its markers: nearest
    /// first, ties by journey id (and, within a journey, by marker id), at most `limit`. Private journeys and
    /// those of `except_owner` are not among them.
    ///
    /// The answer is exact for that radius: an index only finds the candidates, [`distance`](crate::geo::distance) decides.
    async fn journeys_within(&self, search: &NearbySearch) -> Result<Vec<NearbyMatch>, StoreError>;

    /// The public, uncompleted journeys of others that might encounter the given positions, each with its rider and all
    /// its dated markers in riding order. It may give too many, never too few: the domain decides.
    async fn encounter_candidates(
        &self,
        search: &EncounterSearch,
    ) -> Result<Vec<EncounterCandidate>, StoreError>;
}

/// A search around places.
#[derive(Debug, Clone, PartialEq)]
pub struct NearbySearch {
    /// Where to search.
    pub origins: Vec<Position>,
    /// How far from each origin, the rim included.
    pub radius_metres: f64,
    /// Whose journeys do not count.
    pub except_owner: UserId,
    /// Whether completed journeys count.
    pub include_completed: bool,
    /// The most journeys to give.
    pub limit: u32,
}

/// A journey that was found, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct NearbyMatch {
    /// The journey.
    pub journey: Journey,
    /// Its marker that is nearest to any origin.
    pub marker_id: MarkerId,
    /// How far that is.
    pub distance: Distance,
}

/// A search along a line in space and time.
#[derive(Debug, Clone, PartialEq)]
pub struct EncounterSearch {
    /// Where the searching rider is on which day, in order of days, each day once.
    pub mine: Vec<DayPosition>,
    /// How many days apart still counts.
    pub within_days: u32,
    /// How far apart still counts.
    pub max_distance_metres: f64,
    /// Whose journeys do not count.
    pub except_owner: UserId,
}

/// A journey that may be met.
#[derive(Debug, Clone, PartialEq)]
pub struct EncounterCandidate {
    /// The journey.
    pub journey: Journey,
    /// Whose it is.
    pub rider: User,
    /// Its dated markers, in riding order.
    pub markers: Vec<Marker>,
}
