//! The stores of Kairos: what the traits of [`kairos_domain::store`] promise, kept in a database.
//!
//! This crate knows the domain and database drivers, and neither HTTP nor the environment. Rows never leave it: domain types go in
//! and come out. Start with the schema in `sqlite/schema/`, then [`sqlite::SqliteStore`]. What a store has to do is said by the
//! traits and tried by the conformance suite in `tests/conformance/`.

pub mod administration;
mod fence;
mod itinerary;
pub mod mongodb;
mod refresh_tokens;
mod spatial_index;
pub mod sqlite;
mod write_health;
