use async_trait::async_trait;
use chrono::NaiveDate;

use super::StoreError;
use crate::discovery::Meeting;
use crate::geo::{Distance, Position};
use crate::id::{JourneyId, MarkerId, UserId};
use crate::journey::Journey;
use crate::user::User;

/// Searches for other riders' journeys in space and time.
///
/// Answers are exact and final. An index only finds candidates; [`distance`](crate::geo::distance),
/// [`MeetingSearch`](crate::discovery::MeetingSearch) and [`Journey::may_be_found_by`] decide. A journey that
/// is written during a search may be in the answer with its state before or after the write, or be missing.
#[async_trait]
pub trait Discovery: Send + Sync {
    /// Returns the journeys with a marker within the radius of an origin, each with its nearest marker.
    ///
    /// The nearest come first, ties by journey id (within a journey, by marker id), at most `limit`.
    async fn nearby(&self, search: &NearbySearch) -> Result<Vec<NearbyMatch>, StoreError>;

    /// Returns the journeys that are near on the same days, each with its [closest](Meeting::closeness)
    /// meeting.
    ///
    /// They are sorted by the searching rider's day, then distance, then journey id, at most `limit`.
    ///
    /// The days of a journey are those of its [`Itinerary`](crate::discovery::Itinerary) as of `today`: past
    /// markers of a day later than tomorrow, which only an earlier service has written, have no part in it.
    async fn encounters(
        &self,
        search: &EncounterSearch,
        limit: u32,
    ) -> Result<Vec<EncounterMatch>, StoreError>;
}

/// A search around one or more origins.
#[derive(Debug, Clone, PartialEq)]
pub struct NearbySearch {
    /// The origins of the search.
    pub around: Around,
    /// The radius around each origin, inclusive, in metres.
    pub radius_metres: f64,
    /// The rider who searches.
    pub reader: UserId,
    /// The rider whose journeys don't count.
    pub except_owner: UserId,
    /// Whether completed journeys count.
    pub include_completed: bool,
    /// The most journeys to return.
    pub limit: u32,
}

/// The origins of a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Around {
    /// The markers of a journey, which is no match itself.
    Journey(JourneyId),
    /// A point.
    Point(Position),
}

/// A journey that a search by place has found.
#[derive(Debug, Clone, PartialEq)]
pub struct NearbyMatch {
    /// The journey.
    pub journey: Journey,
    /// The marker of the journey that is nearest to any origin.
    pub marker_id: MarkerId,
    /// The position of that marker, without its elevation.
    pub position: Position,
    /// The distance of that marker from the nearest origin.
    pub distance: Distance,
}

/// A search along a journey's days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EncounterSearch {
    /// The searching rider's journey.
    pub journey_id: JourneyId,
    /// The searching rider, whose own journeys don't count.
    pub rider: UserId,
    /// The current day in UTC.
    pub today: NaiveDate,
    /// The first day of that journey that counts.
    pub from: NaiveDate,
    /// The last day that counts; `None` is an open end.
    pub to: Option<NaiveDate>,
    /// The most days between two positions that count as a meeting.
    pub within_days: u32,
    /// The longest distance between two positions that count as a meeting, in metres.
    pub max_distance_metres: f64,
}

/// A journey that a search by place and day has found.
#[derive(Debug, Clone, PartialEq)]
pub struct EncounterMatch {
    /// The journey.
    pub journey: Journey,
    /// The owner.
    pub rider: User,
    /// The closest meeting.
    pub meeting: Meeting,
}
