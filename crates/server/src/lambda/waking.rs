use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kairos_domain::clock::Clock;
use kairos_domain::store::Store;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Length of a freeze after which the connections are checked before use.
const LONG_SLEEP: TimeDelta = TimeDelta::seconds(1);

/// Timeout of this check. Every request that follows a freeze waits for it, even one that needs no database.
const A_LOOK: Duration = Duration::from_millis(1_500);

/// Checks the connections to the database when Lambda resumes the process.
///
/// During a freeze, the database, or a device in between, may have closed them without the process noticing.
pub(super) struct Waking {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    asleep_since: Mutex<DateTime<Utc>>,
}

impl Waking {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            asleep_since: Mutex::new(clock.instant()),
            store,
            clock,
        }
    }

    /// Pings the database, unless the process was active within the last second.
    ///
    /// If the ping fails, the driver drops its connections and opens others. Without the ping, a write would
    /// be the first to fail, and writes are not retried.
    pub(super) async fn wake_up(&self) {
        let slept = self.clock.instant() - *self.asleep_since.lock().await;
        if slept <= LONG_SLEEP {
            return;
        }
        let slept_seconds = slept.num_seconds();
        match timeout(A_LOOK, self.store.ping()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::info!(%error, slept_seconds, "lost database connections while frozen"),
            Err(_) => tracing::info!(slept_seconds, "pinging the database timed out after a freeze"),
        }
    }

    /// Records the time at which Lambda may freeze the process.
    pub(super) async fn fall_asleep(&self) {
        *self.asleep_since.lock().await = self.clock.instant();
    }
}
