//! The `kairos` program: the one crate that knows all the others.
//!
//! It reads the configuration ([`config`]), opens what that names ([`compose`]), and serves it over HTTP ([`service`],
//! [`http_server`]), or to AWS Lambda ([`lambda`]).
//! It holds no rule of the service and no route. Start with [`cli`].

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
