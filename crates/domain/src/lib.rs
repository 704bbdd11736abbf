//! The domain of Kairos: riders, journeys, markers, and encounters between riders.
//!
//! This crate has no code for HTTP, databases, SMTP or the environment, and it reads no clock. It defines a
//! port for each of these that it needs ([`store`], [`mail`], [`clock`], [`token`]).
//!
//! Start with the types ([`journey`], [`marker`], [`user`]). Then read [`Kairos`]: its methods are the acts
//! of riders, one file each under [`accounts`], [`journeys`] and [`discovery`]. These methods check
//! authorisation, so callers need not check who owns a journey.

pub mod accounts;
pub mod client;
pub mod clock;
mod cpu_work;
mod deletions;
pub mod discovery;
pub mod email_address;
pub mod file_turns;
pub mod geo;
mod health;
pub mod id;
pub mod itinerary;
pub mod journey;
pub mod journeys;
mod kairos;
pub mod line;
pub mod mail;
pub mod marker;
pub mod operators;
pub mod password;
pub mod rate_limiter;
pub mod schedule;
pub mod store;
pub mod text;
pub mod token;
pub mod usage;
pub mod user;
mod write_turns;
pub mod writes;

pub use kairos::{Kairos, MailsLeave, Ports, RegistrationPolicy, Settings, TokenLifetimes};
