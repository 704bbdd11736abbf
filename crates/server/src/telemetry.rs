//! The log: text in `local`, JSON elsewhere, always on standard error.

use std::io::{self, IsTerminal as _};
use std::panic;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};

use crate::config::Environment;

/// Starts logging the events that `filter` accepts. Timestamps are RFC 3339 in UTC.
///
/// # Errors
/// If the filter is invalid, or the log was started before.
pub fn start(environment: Environment, filter: &str) -> anyhow::Result<()> {
    let lines = fmt::layer().with_writer(io::stderr);
    let lines = match environment {
        Environment::Local => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        Environment::Staging | Environment::Production => {
            // Panics are logged in JSON, like everything else.
            panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panicked")));
            lines.json().flatten_event(true).with_span_list(false).boxed()
        }
    };
    registry()
        .with(EnvFilter::try_new(filter)?)
        .with(filter_fn(holds_no_secrets))
        .with(lines)
        .try_init()?;
    Ok(())
}

/// Returns whether an event may be logged, whatever the filter says.
///
/// At `debug` and `trace`, the runtime of Lambda logs whole events, with passwords and tokens.
fn holds_no_secrets(line: &Metadata<'_>) -> bool {
    *line.level() <= Level::INFO || !line.target().starts_with("lambda_")
}
