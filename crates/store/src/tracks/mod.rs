//! What both stores do alike to find who is near on the same days: the numbers that their indexes of tracks search, and which of them
//! to read.

mod day_cells;
mod nearest_meetings;

pub(crate) use day_cells::{DayCells, day_cell};
pub(crate) use nearest_meetings::NearestMeetings;

use kairos_domain::geo::{Position, distance};

/// How far from where it was drawn a day may be, in metres: another machine rounds the sines of a great circle otherwise.
const ROUNDING_METRES: f64 = 0.001;

/// Whether two places are the same but for rounding.
pub(crate) fn is_same_place(one: Position, other: Position) -> bool {
    distance(one, other).metres() <= ROUNDING_METRES
}
