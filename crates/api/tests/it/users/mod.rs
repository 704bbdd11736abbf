//! Accounts.

mod journeys;
mod mailed_links;
mod profile;
mod registration;
