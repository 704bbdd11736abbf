//! Passwords and their hashes.
//!
//! bcrypt takes a quarter of a second of one core, by design. Hashing therefore happens off the async threads,
//! on fewer cores than there are, with a bounded queue before it: a storm of log-ins slows log-ins, and nothing else.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

/// A password that may be set, in NFC: keyboards differ in how they compose letters.
///
/// It has 8 characters to 72 bytes, and no NUL (the bounds of bcrypt; longer is refused, not cut).
#[derive(Clone)]
pub struct NewPassword(String);

/// A password that somebody claims to be theirs; any text may be tried. Beyond 72 bytes the first 72 count,
/// as they did when old hashes were made.
#[derive(Clone)]
pub struct PasswordAttempt(String);

/// A bcrypt hash in its usual text form, `$2b$12$…`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// Why a new password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Fewer than 8 characters.
    #[error("String should have at least 8 characters")]
    TooShort,
    /// More than 72 bytes of UTF-8.
    #[error("Value error, must be at most 72 bytes")]
    TooLong,
    /// It has a NUL, at which some bcrypt implementations stop reading.
    #[error("Value error, must not contain a NUL character")]
    Nul,
}

impl NewPassword {
    /// The fewest characters.
    pub const MIN_CHARS: usize = 8;
    /// The most bytes.
    pub const MAX_BYTES: usize = 72;

    /// Reads a password that is to be set. The bounds are those of its NFC form.
    ///
    /// # Errors
    /// [`InvalidPassword`] says which bound it breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidPassword> {
        let text: String = text.nfc().collect();
        if text.chars().count() < Self::MIN_CHARS {
            return Err(InvalidPassword::TooShort);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidPassword::TooLong);
        }
        if text.contains('\0') {
            return Err(InvalidPassword::Nul);
        }
        Ok(Self(text))
    }
}

impl PasswordAttempt {
    /// Takes what somebody typed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Checks the password as it came, then its NFC form if that differs: new hashes are of NFC, those of the earlier
    /// service are of whatever came.
    ///
    /// A hash that no password has takes as many steps as one of another password.
    fn matches(&self, hash: &PasswordHash) -> bool {
        // A stored text that is no bcrypt hash matches nothing.
        let matches = |text: &str| bcrypt::verify(text, &hash.0).unwrap_or(false);
        let composed: String = self.0.nfc().collect();
        matches(&self.0) || (composed != self.0 && matches(&composed))
    }
}

impl PasswordHash {
    /// Takes a hash that a store holds.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The hash's text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! hide_in_debug {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
hide_in_debug!(NewPassword, PasswordAttempt, PasswordHash);

/// The queue before the hashing threads is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are waiting to be checked")]
pub struct PasswordQueueFull;

/// Makes and checks hashes on the blocking threads, a bounded number at once.
#[derive(Debug, Clone)]
pub struct PasswordHasher {
    cost: u32,
    slots: Arc<Semaphore>,
    /// How many are hashing or waiting.
    queue: Arc<AtomicUsize>,
    capacity: usize,
    /// A hash that no password has, of the same cost as the real ones.
    decoy: PasswordHash,
}

impl PasswordHasher {
    /// The cost of the hashes in production.
    pub const COST: u32 = 12;
    /// How many callers may wait for a free core.
    pub const MAX_WAITING: usize = 64;

    /// Uses at most one core fewer than `cores`, and at least one; `cost` is bcrypt's logarithm of the rounds
    /// (4 to 31).
    #[must_use]
    pub fn new(cost: u32, cores: NonZeroUsize) -> Self {
        let slots = cores.get().saturating_sub(1).max(1);
        // 22 characters of salt and 31 of a hash, both zeros, in bcrypt's alphabet.
        let decoy = PasswordHash(format!("$2b${cost:02}${}", ".".repeat(53)));
        Self {
            cost,
            slots: Arc::new(Semaphore::new(slots)),
            queue: Arc::default(),
            capacity: slots + Self::MAX_WAITING,
            decoy,
        }
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`PasswordQueueFull`] when too many are waiting already.
    pub async fn hash(&self, password: NewPassword) -> Result<PasswordHash, PasswordQueueFull> {
        let cost = self.cost;
        self.on_a_blocking_thread(move || bcrypt::hash(password.0, cost).ok().map(PasswordHash))
            .await?
            // bcrypt fails only for a cost out of range, which is a constant.
            .ok_or(PasswordQueueFull)
    }

    /// Says whether a password matches a hash; `None` stands for an account that does not exist, and takes as
    /// long as one that does.
    ///
    /// # Errors
    /// [`PasswordQueueFull`] when too many are waiting already.
    pub async fn verify(
        &self,
        attempt: PasswordAttempt,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, PasswordQueueFull> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or(&self.decoy).clone();
        let matches = self.on_a_blocking_thread(move || attempt.matches(&hash)).await?;
        Ok(matches && exists)
    }

    async fn on_a_blocking_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordQueueFull> {
        let _place = QueuePlace::take(&self.queue, self.capacity)?;
        let slot = Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .map_err(|_| PasswordQueueFull)?;
        let work = move || {
            let result = work();
            // The core is free when the work is done, not when its caller has gone.
            drop(slot);
            result
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| PasswordQueueFull)
    }
}

/// One caller's place in the queue, given back on drop, so that a caller who leaves does not keep it.
struct QueuePlace<'a>(&'a AtomicUsize);

impl<'a> QueuePlace<'a> {
    fn take(queue: &'a AtomicUsize, capacity: usize) -> Result<Self, PasswordQueueFull> {
        let before = queue.fetch_add(1, Ordering::AcqRel);
        let place = Self(queue);
        if before < capacity {
            Ok(place)
        } else {
            Err(PasswordQueueFull)
        }
    }
}

impl Drop for QueuePlace<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests;
