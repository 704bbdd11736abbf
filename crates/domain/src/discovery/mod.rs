//! Discovery of other riders: journeys nearby, and riders nearby on the same days.
//!
//! A search by place compares markers ([`NearbyQuery`]). A search for encounters compares two itineraries
//! ([`Itinerary`], [`MeetingSearch`]). Stores keep the days of itineraries beside the markers, and answer
//! both searches exactly.

mod deadline;
mod encounters;
mod meeting;
mod nearby;

#[cfg(test)]
pub(crate) mod fixtures;

pub use crate::itinerary::{ChangedPart, DatedMarker, DayPosition, Itinerary};
pub use deadline::DEADLINE;
pub use encounters::{Encounter, EncounterQuery, EncountersError};
pub use meeting::{Meeting, MeetingSearch};
pub use nearby::{Include, NearbyError, NearbyJourney, NearbyQuery};
