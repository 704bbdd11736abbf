use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kairos_domain::clock::Clock;
use kairos_domain::store::Store;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// After how long a sleep connections are looked at before they are used.
const LONG_SLEEP: TimeDelta = TimeDelta::seconds(1);

/// How long that may take: whoever woke the process up waits for it, whether they ask for something of the database or not.
const A_LOOK: Duration = Duration::from_millis(1_500);

/// Looks after the connections to the database when the process wakes up: while it slept, the other side, or something between, may have
/// closed them without its hearing of it.
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

    /// Asks the database for a sign of life, if it was not asked for anything just before. If it gives none, the driver drops its connections
    /// and makes others: otherwise a write, which is not tried twice, would have found out.
    pub(super) async fn wake_up(&self) {
        let slept = self.clock.instant() - *self.asleep_since.lock().await;
        if slept <= LONG_SLEEP {
            return;
        }
        let slept_seconds = slept.num_seconds();
        match timeout(A_LOOK, self.store.ping()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::info!(%error, slept_seconds, "connections were gone after a sleep"),
            Err(_) => tracing::info!(slept_seconds, "the database gave no sign of life after a sleep"),
        }
    }

    /// Notes that the process falls asleep when it has given its answer.
    pub(super) async fn fall_asleep(&self) {
        *self.asleep_since.lock().await = self.clock.instant();
    }
}
