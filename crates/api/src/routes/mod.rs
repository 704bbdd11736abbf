//! One file an endpoint.

pub(crate) mod app_session;
pub(crate) mod auth;
pub(crate) mod discovery;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod itinerary;
pub(crate) mod journeys;
pub(crate) mod lines;
pub(crate) mod markers;
pub(crate) mod pages;
pub(crate) mod places;
pub(crate) mod users;
