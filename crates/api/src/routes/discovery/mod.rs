//! Who comes near, and who will be there on the same days.

pub(crate) mod encounters;
pub(crate) mod list_nearby;
pub(crate) mod near_journey;
pub(crate) mod near_point;
mod nearby_query;
