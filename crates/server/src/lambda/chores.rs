use std::sync::Arc;

use chrono::{DateTime, Utc};
use kairos_domain::Kairos;
use kairos_domain::clock::Clock;
use kairos_domain::store::Store;
use lambda_http::Context;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::time::time_left;
use crate::tidying;

/// What is to be done now and then: sending the mails that did not leave with their acts, and tidying.
pub(super) struct Chores {
    kairos: Arc<Kairos>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    last_tidied: Mutex<Option<DateTime<Utc>>>,
}

impl Chores {
    pub(super) fn new(kairos: Arc<Kairos>, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            kairos,
            store,
            clock,
            last_tidied: Mutex::new(None),
        }
    }

    /// Sends what is due, and tidies if this process has not done all of that within the hour; for as long as the function may still take.
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let time = time_left(context, self.clock.instant());
        let chores = async {
            self.kairos.deliver_due_mail().await?;
            self.tidy().await;
            anyhow::Ok(())
        };
        match timeout(time, chores).await {
            Ok(done) => done,
            Err(_) => {
                tracing::warn!("not all chores were done in time; they go on with the next scheduled event");
                Ok(())
            }
        }
    }

    async fn tidy(&self) {
        let now = self.clock.instant();
        let mut last = self.last_tidied.lock().await;
        if last.is_none_or(|last| (now - last).to_std().is_ok_and(|ago| ago >= tidying::PERIOD)) {
            // What was not all done, or not in time, is gone on with when the next event comes.
            let is_all_done = tidying::tidy(&*self.store, &*self.clock).await;
            *last = is_all_done.then_some(now);
        }
    }
}
