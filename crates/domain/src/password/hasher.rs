//! Makes and checks hashes.
//!
//! bcrypt takes a quarter of a second of one core, by design. Hashing therefore happens off the async threads, on
//! fewer cores than there are, behind a bounded queue that serves clients in turn. A storm of log-ins slows the
//! log-ins of its own client, and nothing else.

use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::fair_queue::{FairQueue, Ticket};
use super::{NewPassword, PasswordAttempt, PasswordHash};
use crate::client::Client;

/// Why a password was neither hashed nor checked.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// The client has as many places in the queue as one client may have.
    #[error("one client has too many passwords in the queue")]
    ShareUsed,
    /// All places are taken.
    #[error("the password queue is full")]
    QueueFull,
    /// No core became free in time.
    #[error("the password waited too long in the queue")]
    TooLate,
    /// bcrypt failed, or its thread panicked.
    #[error("hashing a password failed: {0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// Makes and checks hashes on the blocking threads, a bounded number at once.
#[derive(Debug, Clone)]
pub struct PasswordHasher {
    cost: u32,
    queue: Queue,
    /// A hash that no password has, of the same cost as the real ones.
    decoy: PasswordHash,
}

type Queue = Arc<Mutex<FairQueue<oneshot::Sender<()>>>>;

impl PasswordHasher {
    /// The cost of the hashes in production.
    pub const COST: u32 = 12;
    /// The longest that a password waits for a core.
    const MAX_WAIT: Duration = Duration::from_secs(5);

    /// Uses at most one core fewer than `cores`, and at least one; `cost` is bcrypt's logarithm of the rounds
    /// (4 to 31).
    #[must_use]
    pub fn new(cost: u32, cores: NonZeroUsize) -> Self {
        let slots = cores.get().saturating_sub(1).max(1);
        // 22 characters of salt and 31 of a hash, both zeros, in bcrypt's alphabet.
        let decoy = PasswordHash(format!("$2b${cost:02}${}", ".".repeat(53)));
        Self {
            cost,
            queue: Arc::new(Mutex::new(FairQueue::new(slots))),
            decoy,
        }
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`HashingError`].
    pub async fn hash(&self, client: Client, password: NewPassword) -> Result<PasswordHash, HashingError> {
        let cost = self.cost;
        let hash = self
            .on_a_blocking_thread(client, move || bcrypt::hash(password.0, cost))
            .await?;
        hash.map(PasswordHash)
            .map_err(|error| HashingError::Failed(error.into()))
    }

    /// Checks whether a password matches a hash. `None` stands for an account that does not exist, and takes as
    /// long as one that does.
    ///
    /// # Errors
    /// [`HashingError`].
    pub async fn verify(
        &self,
        client: Client,
        attempt: PasswordAttempt,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, HashingError> {
        let (hash, decoy) = (hash.cloned(), self.decoy.clone());
        self.on_a_blocking_thread(client, move || {
            match hash.as_ref().and_then(|hash| attempt.matches(hash)) {
                Some(is_right) => is_right,
                // There is no account, or its hash is none of bcrypt's. Neither may show by the time.
                None => {
                    attempt.matches(&decoy);
                    false
                }
            }
        })
        .await
    }

    async fn on_a_blocking_thread<T: Send + 'static>(
        &self,
        client: Client,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashingError> {
        let (start, started) = oneshot::channel();
        let place = Place::take(&self.queue, client, start)?;
        match timeout(Self::MAX_WAIT, started).await {
            Ok(Ok(())) => {}
            Ok(Err(lost)) => return Err(HashingError::Failed(lost.into())),
            Err(_) => return Err(HashingError::TooLate),
        }
        let work = move || {
            let result = work();
            // The core becomes free when the work is done, even if its caller has gone.
            drop(place);
            result
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| HashingError::Failed(error.into()))
    }
}

/// A place in the queue or in a slot. Dropping it gives the place back, so a caller who leaves keeps none.
struct Place {
    queue: Queue,
    ticket: Ticket,
}

impl Place {
    fn take(queue: &Queue, client: Client, start: oneshot::Sender<()>) -> Result<Self, HashingError> {
        let ticket = with(queue, |queue| queue.join(client, start))?;
        let queue = Arc::clone(queue);
        Ok(Self { queue, ticket })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        with(&self.queue, |queue| queue.leave(self.ticket));
    }
}

/// Changes the queue, and starts whatever has a slot then.
fn with<T>(queue: &Queue, change: impl FnOnce(&mut FairQueue<oneshot::Sender<()>>) -> T) -> T {
    let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    let result = change(&mut queue);
    while let Some(start) = queue.start() {
        // A caller that has just left gives its slot back by dropping its place.
        let _ = start.send(());
    }
    result
}

#[cfg(test)]
mod tests;
