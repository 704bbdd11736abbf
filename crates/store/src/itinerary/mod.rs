//! The encounter search that both stores share.
//!
//! This module contains the numbers in the index of itinerary days, and decides which of them to read.

mod day_cells;
mod encounter_scan;
mod nearest_meetings;

use day_cells::DayCells;
pub(crate) use day_cells::day_cell;
pub(crate) use encounter_scan::{Candidate, EncounterScan, Step};
use nearest_meetings::NearestMeetings;

use kairos_domain::geo::{Position, distance};

/// The tolerance between a stored position and the computed one, in metres. Machines round sines differently.
const ROUNDING_METRES: f64 = 0.001;

/// Checks whether two places are the same except for rounding.
pub(crate) fn is_same_place(one: Position, other: Position) -> bool {
    distance(one, other).metres() <= ROUNDING_METRES
}
