//! The schedule of a journey, and its itinerary.

pub(crate) mod delete_schedule;
pub(crate) mod get_itinerary;
pub(crate) mod get_schedule;
pub(crate) mod put_schedule;
