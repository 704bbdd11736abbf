//! The real program, started as an operator starts it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in a test a panic is the result"
)]

mod backup;
mod bodies;
mod commands;
mod console_blocks;
mod conversation;
mod copying;
mod lambda;
mod limits;
mod metrics;
mod nginx;
mod on_mongodb;
mod outbox;
mod program;
mod provider;
mod secrets;
mod security_claims;
mod sessions;
mod smtp_sink;
mod standing;
mod tour;
