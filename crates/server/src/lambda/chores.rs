use std::sync::Arc;

use chrono::{DateTime, Utc};
use kairos_domain::Kairos;
use kairos_domain::clock::Clock;
use kairos_domain::store::Store;
use lambda_http::Context;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::time::time_left;
use crate::maintenance;

/// The work of a scheduled event: sending due mails, finishing deletions, and maintenance.
pub(super) struct Chores {
    kairos: Arc<Kairos>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    last_maintained: Mutex<Option<DateTime<Utc>>>,
}

impl Chores {
    pub(super) fn new(kairos: Arc<Kairos>, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            kairos,
            store,
            clock,
            last_maintained: Mutex::new(None),
        }
    }

    /// Sends due mails, finishes deletions and, about once an hour, runs maintenance.
    ///
    /// Maintenance is due if this process has not completed it within the last hour. The work stops when the
    /// time of the function is up.
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let time = time_left(context, self.clock.instant());
        let chores = async {
            self.kairos.deliver_due_mail().await?;
            self.kairos.delete_all_that_is_marked().await?;
            self.maintain().await;
            anyhow::Ok(())
        };
        match timeout(time, chores).await {
            Ok(done) => done,
            Err(_) => {
                tracing::warn!("scheduled work ran out of time, continuing with the next scheduled event");
                Ok(())
            }
        }
    }

    async fn maintain(&self) {
        let now = self.clock.instant();
        let mut last = self.last_maintained.lock().await;
        if last.is_none_or(|last| (now - last).to_std().is_ok_and(|ago| ago >= maintenance::PERIOD)) {
            // A run that fails, or that the timeout drops, is repeated with the next event.
            let is_all_done = maintenance::maintain(&*self.store, &*self.clock).await;
            *last = is_all_done.then_some(now);
        }
    }
}
