//! The `kairos` program: the only crate that depends on all others.
//!
//! The program reads the configuration ([`config`]) and composes the service from it ([`compose`]). It serves
//! that over HTTP ([`service`], [`http_server`]) or on AWS Lambda ([`lambda`]). The crate holds no domain
//! rules and no routes. Start reading at [`cli`].

pub mod cli;
pub mod commands;
pub mod compose;
pub mod config;
pub mod console;
pub mod demo;
pub mod http_server;
pub mod lambda;
pub mod maintenance;
pub mod metrics;
pub mod service;
pub mod signals;
pub mod system;
pub mod telemetry;
