//! The log: lines for people in `local`, JSON elsewhere, always on standard error.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::Environment;

/// Starts logging what `filter` lets through. Timestamps are RFC 3339 in UTC.
///
/// # Errors
/// When the filter is none, or the log was started before.
pub fn start(environment: Environment, filter: &str) -> anyhow::Result<()> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(filter)?)
        .with_writer(io::stderr);
    match environment {
        Environment::Local => builder
            .with_ansi(io::stderr().is_terminal())
            .finish()
            .try_init()?,
        Environment::Staging | Environment::Production => {
            builder
                .json()
                .flatten_event(true)
                .with_span_list(false)
                .finish()
                .try_init()?;
        }
    }
    Ok(())
}
