//! The API over HTTP, in process, as its users see it. The modules mirror those of `routes/`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "inside a test a panic is the result"
)]

mod auth;
mod bad_input;
mod conventions;
mod discovery;
mod document;
mod health;
mod journeys;
mod markers;
mod pages;
mod support;
mod users;
