//! Discovery of other riders: journeys nearby, and riders nearby on the same days.
//!
//! A search by place compares markers ([`NearbyQuery`]). A search for encounters compares two itineraries
//! ([`Itinerary`], [`MeetingSearch`]). Stores keep the days of itineraries beside the markers, and answer
//! both searches exactly.

mod dated_marker;
mod day_position;
mod deadline;
mod encounters;
mod itinerary;
mod meeting;
mod nearby;

#[cfg(test)]
pub(crate) mod fixtures;

pub use dated_marker::DatedMarker;
pub use day_position::DayPosition;
pub use deadline::DEADLINE;
pub use encounters::{Encounter, EncounterQuery, EncountersError};
pub use itinerary::{ChangedPart, Itinerary};
pub use meeting::{Meeting, MeetingSearch};
pub use nearby::{Include, NearbyError, NearbyJourney, NearbyQuery};
