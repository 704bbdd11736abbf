//! What both stores do alike to find who is near on the same days: the numbers that their indexes of tracks search, and which of them
//! to read.

mod day_cells;
mod nearest_meetings;

pub(crate) use day_cells::{DayCells, day_cell};
pub(crate) use nearest_meetings::NearestMeetings;
