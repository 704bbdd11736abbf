//! Finding others: whose journeys come near, and who will be there on the same days.
//!
//! A nearby journey is found by its markers ([`NearbyQuery`]). An encounter is found by comparing two
//! itineraries ([`Itinerary`], [`MeetingSearch`]). Stores keep the days of itineraries beside the markers,
//! and give exact answers to both questions.

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
