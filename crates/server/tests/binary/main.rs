//! The real program, started as an operator starts it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in a test a panic is the result"
)]

mod backup;
mod big_lists;
mod bodies;
mod commands;
mod console_blocks;
mod conversation;
mod copy_and_check;
mod database_file;
mod kill_loop;
mod lambda;
mod limits;
mod mail;
mod metrics;
mod nginx;
mod on_mongodb;
mod outbox;
mod program;
mod provider;
mod readme_tour;
mod riders;
mod secrets;
mod security_claims;
mod sessions;
mod settings;
mod shutdown;
mod smtp_sink;
