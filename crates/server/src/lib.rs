//! The `kairos` program: the one crate that knows all the others.
//!
//! It reads the configuration ([`config`]), opens what that names ([`compose`]), and serves it over HTTP ([`service`],
//! [`http_server`]), or to AWS Lambda ([`lambda`]).
//! It holds no rule of the service and no route. Start with [`cli`].

pub mod backup;
pub mod check;
pub mod cli;
pub mod compose;
pub mod config;
pub mod console;
pub mod copy;
pub mod demo;
pub mod health;
pub mod http_server;
pub mod lambda;
pub mod metrics;
pub mod service;
pub mod signals;
pub mod system;
pub mod telemetry;
pub mod tidying;
