//! Hashing and checking of passwords.
//!
//! bcrypt takes a quarter of a second of one core, by design. Hashing therefore runs on blocking threads, on
//! fewer cores than the machine has. A bounded queue serves the clients in turn. A flood of log-ins delays
//! the log-ins of its own client only.

use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::fair_queue::{FairQueue, Ticket};
use super::{NewPassword, PasswordAttempt, PasswordHash};
use crate::client::Client;

/// Why a password was not hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// The client already has the most places in the queue that one client may have.
    #[error("one client has too many passwords in the queue")]
    ShareUsed,
    /// All places in the queue are taken.
    #[error("the password queue is full")]
    QueueFull,
    /// No core became free in time.
    #[error("the password waited too long in the queue")]
    TooLate,
    /// bcrypt failed, or its thread panicked.
    #[error("hashing a password failed: {0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// Hashes and checks passwords on the blocking threads, a bounded number at once.
#[derive(Debug, Clone)]
pub struct PasswordHasher {
    cost: u32,
    max_wait: Duration,
    queue: Queue,
    /// A hash that no password matches, of the same cost as real hashes.
    decoy: PasswordHash,
}

type Queue = Arc<Mutex<FairQueue<oneshot::Sender<()>>>>;

impl PasswordHasher {
    /// The cost of the hashes in production.
    pub const COST: u32 = 12;
    /// The longest wait of a password for a core.
    const MAX_WAIT: Duration = Duration::from_secs(5);

    /// Returns a hasher that uses one core fewer than `cores`, but at least one.
    ///
    /// `cost` is bcrypt's binary logarithm of the rounds (4 to 31).
    #[must_use]
    pub fn new(cost: u32, cores: NonZeroUsize) -> Self {
        let slots = cores.get().saturating_sub(1).max(1);
        // The salt has 22 characters and the hash 31. All are `.`, the zero of bcrypt's alphabet.
        let decoy = PasswordHash(format!("$2b${cost:02}${}", ".".repeat(53)));
        Self {
            cost,
            max_wait: Self::MAX_WAIT,
            queue: Arc::new(Mutex::new(FairQueue::new(slots))),
            decoy,
        }
    }

    /// Replaces the longest wait of a password for a core, which is 5 s.
    #[must_use]
    pub const fn with_max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
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

    /// Checks whether a password matches a hash.
    ///
    /// `None` stands for a missing account. Its check takes as long as that of an existing one.
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
                // The account does not exist, or its hash is not a bcrypt hash. The timing must reveal
                // neither.
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
        match timeout(self.max_wait, started).await {
            Ok(Ok(())) => {}
            Ok(Err(lost)) => return Err(HashingError::Failed(lost.into())),
            Err(_) => return Err(HashingError::TooLate),
        }
        let work = move || {
            let result = work();
            // The slot stays taken until the work is done, even if the caller has stopped waiting.
            drop(place);
            result
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| HashingError::Failed(error.into()))
    }
}

/// A place in the queue or in a slot.
///
/// Dropping it returns the place, so a caller that stops waiting keeps no place.
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

/// Changes the queue, then starts the entries for which a slot is free.
fn with<T>(queue: &Queue, change: impl FnOnce(&mut FairQueue<oneshot::Sender<()>>) -> T) -> T {
    let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    let result = change(&mut queue);
    while let Some(start) = queue.start() {
        // A send fails if the caller has stopped waiting. Its dropped place returns the slot.
        let _ = start.send(());
    }
    result
}

#[cfg(test)]
mod tests;
