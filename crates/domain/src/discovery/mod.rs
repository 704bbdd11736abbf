//! Finding others: whose journeys come near, and who will be there on the same days.
//!
//! A journey that is near is a matter of its markers ([`NearbyQuery`]); an encounter is one of its line in space and time, its
//! [`Track`], and of where two tracks come closest ([`MeetingSearch`]). Stores keep tracks by the day, beside the markers that they
//! follow from, and find who is likely to be met; what a rider is told is decided here, by what their markers say.

mod bounds;
mod dated_marker;
mod day_position;
mod encounters;
mod meeting;
mod nearby;
mod track;

#[cfg(test)]
pub(crate) mod fixtures;

pub use bounds::DEADLINE;
pub use dated_marker::DatedMarker;
pub use day_position::DayPosition;
pub use encounters::{Encounter, EncounterQuery, EncountersError};
pub use meeting::{Meeting, MeetingSearch};
pub use nearby::{NearbyError, NearbyQuery};
pub use track::{Redrawn, Track};
