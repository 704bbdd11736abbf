//! Accounts.

mod changed_addresses;
mod journeys;
mod mailed_links;
mod profile;
mod registration;
