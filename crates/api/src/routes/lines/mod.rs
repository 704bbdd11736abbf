//! The route and the track of a journey.

pub(crate) mod add_track_positions;
pub(crate) mod delete_route;
pub(crate) mod delete_track;
pub(crate) mod get_route;
pub(crate) mod get_track;
pub(crate) mod put_route;
pub(crate) mod put_track;
mod replacement;
mod view;
