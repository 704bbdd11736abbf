//! The API over HTTP, in process, as its users see it. The modules mirror those of `routes/`, or test what
//! several routes have in common.

mod auth;
mod bad_input;
mod budgets;
mod conventions;
mod discovery;
mod document;
mod etags;
mod exports;
mod file_bodies;
mod foreign_pages;
mod health;
mod idempotency_keys;
mod imports;
mod imports_into_journeys;
mod itinerary;
mod journeys;
mod large_lists;
mod limits;
mod lines;
mod marker_batches;
mod markers;
mod nearby;
mod pages;
mod patches;
mod places;
mod schedules;
mod screens;
mod stats;
mod stored_values;
mod support;
mod track_positions;
mod users;
mod web_app;
