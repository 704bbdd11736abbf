//! Which tracks are renewed next, and when.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kairos_domain::id::JourneyId;

use super::JOURNEYS_A_BATCH;
use crate::mongodb::MongoStore;
use crate::mongodb::connection::to_the_end;

/// How long changes are gathered before tracks are renewed: whoever puts one marker after the other on a journey has it renewed now and then.
const GATHERING: Duration = Duration::from_millis(100);

/// The journeys whose tracks this process renews next.
#[derive(Debug, Default)]
pub(in crate::mongodb) struct Renewals {
    queue: Mutex<Queue>,
    /// Held by whoever renews all.
    pub(super) all: tokio::sync::Mutex<()>,
    /// Held by whoever renews some: two at once would only take the revisions from each other.
    pub(super) turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: BTreeSet<JourneyId>,
    is_being_worked_on: bool,
}

impl MongoStore {
    /// Has tracks renewed in a moment. If this process dies before, whoever finds them behind has it done.
    pub(in crate::mongodb) fn renew_soon(&self, journeys: impl IntoIterator<Item = JourneyId>) {
        let mut queue = self.renewals.lock();
        queue.waiting.extend(journeys);
        if !queue.is_being_worked_on && !queue.waiting.is_empty() {
            queue.is_being_worked_on = true;
            tokio::spawn(self.clone().renew_waiting());
        }
    }

    async fn renew_waiting(self) {
        loop {
            tokio::time::sleep(GATHERING).await;
            let Some(batch) = self.renewals.lock().next_batch() else {
                return;
            };
            let store = self.clone();
            if let Err(error) = to_the_end(async move { store.renew(&batch).await }).await {
                tracing::warn!(%error, "tracks could not be renewed; searches ask the markers meanwhile");
            }
        }
    }
}

impl Renewals {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// The journeys to renew now; nothing if there are none, after which nobody works on them.
    fn next_batch(&mut self) -> Option<Vec<JourneyId>> {
        let batch: Vec<_> = self.waiting.iter().copied().take(JOURNEYS_A_BATCH).collect();
        for id in &batch {
            self.waiting.remove(id);
        }
        self.is_being_worked_on = !batch.is_empty();
        self.is_being_worked_on.then_some(batch)
    }
}
