//! What every store does alike to find what is near some places: the numbers that its index searches, which
//! of them to read, how far a marker is from the nearest place, and which marker speaks for its journey.

mod cell;
mod nearest_markers;
mod origins;
mod reach;
mod widening;

pub(crate) use cell::Cell;
pub(crate) use nearest_markers::Ranked;
pub(crate) use reach::chord_of;
pub(crate) use widening::{CODE_LEVELS, Grid, Widening};
