//! The stores of Kairos: implementations of the traits in [`kairos_domain::store`].
//!
//! This crate depends on the domain and on database drivers, but neither on HTTP nor on the environment. Its
//! interface has only domain types, no rows. Start with the schema in `sqlite/schema/`, then read
//! [`sqlite::SqliteStore`]. The traits define the behaviour of a store, and the conformance suite in
//! `tests/conformance/` tests it.

pub mod administration;
mod effort;
mod fence;
mod itinerary;
pub mod mongodb;
mod refresh_tokens;
mod spatial_index;
pub mod sqlite;
mod write_health;
