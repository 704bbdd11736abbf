//! Riders, journeys, markers, and who will be near whom on the same days.
//!
//! This crate is plain Rust: it knows neither HTTP nor a database, neither SMTP nor the environment, and it reads no clock.
//! What it needs of those it names as ports ([`store`], [`mail`], [`clock`], [`token`]).
//!
//! Start with the nouns ([`journey`], [`marker`], [`user`]), then [`Kairos`], whose methods are what riders can do: one
//! file each under [`accounts`], [`journeys`] and [`discovery`]. Those methods own authorisation: whoever calls them need not ask
//! whether a journey is somebody's own.

pub mod accounts;
pub mod client;
pub mod clock;
mod deletions;
pub mod discovery;
pub mod email_address;
pub mod geo;
mod health;
pub mod id;
pub mod journey;
pub mod journeys;
mod kairos;
pub mod line;
pub mod mail;
pub mod marker;
pub mod operators;
pub mod password;
pub mod rate_limiter;
pub mod store;
pub mod text;
pub mod token;
pub mod usage;
pub mod user;
mod write_turns;
pub mod writes;

pub use kairos::{Kairos, MailsLeave, Ports, RegistrationPolicy, Settings, TokenLifetimes};
