//! What every store does alike to find the journeys near some places: which parts of the sphere to search, how far a marker is from the
//! nearest place, and which marker speaks for its journey.

mod nearest_markers;
mod origins;

pub(crate) use nearest_markers::NearestMarkers;
pub(crate) use origins::{BoundingBox, Origins};
