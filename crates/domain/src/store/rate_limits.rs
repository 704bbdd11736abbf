use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::StoreError;

/// The counts of recent acts, and the clients that are known to accounts.
///
/// The store keeps them so that several instances count together and the counts survive a restart.
#[async_trait]
pub trait RateLimits: Send + Sync {
    /// Counts an act once against each limit, or against none if one of them is reached.
    ///
    /// If a limit is reached, it returns the instant from which none of the limits is reached any more.
    ///
    /// However many calls run at once, no more acts are counted under one key than its limit allows. A store
    /// that cannot count under several keys atomically counts in their order. If a concurrent act or a crash
    /// stops it at one key, the act stays counted under the keys before it.
    async fn count_act(
        &self,
        limits: &[Limit],
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// Returns the instant from which no limit is reached any more, or `None` if none is reached now.
    async fn limit_reached(
        &self,
        limits: &[Limit],
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// Marks a client as known until an instant. A later instant that is already stored stays.
    async fn remember_client(&self, key: LimitKey, until: DateTime<Utc>) -> Result<(), StoreError>;

    /// Checks whether a client is known at `now`.
    async fn remembers_client(&self, key: LimitKey, now: DateTime<Utc>) -> Result<bool, StoreError>;
}

/// A rate limit: at most `most` acts in any span of `window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The key under which acts are counted.
    pub key: LimitKey,
    /// The most acts within the window.
    pub most: u32,
    /// The time for which an act counts.
    pub window: TimeDelta,
}

/// The key of a limit: SHA-256 of the kind of act and of its parties.
///
/// A hash has a fixed length, while an address in a request can be as long as a form field. A reader of the
/// database cannot see from it which client used which account.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LimitKey([u8; 32]);

impl LimitKey {
    /// Returns the key for these names, in this order.
    #[must_use]
    pub fn of(names: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for name in names {
            // The length comes first. Otherwise `["a", "bc"]` and `["ab", "c"]` would have the same key.
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(name);
        }
        Self(hash.finalize().into())
    }

    /// Returns the bytes of the hash.
    #[must_use]
    pub const fn bytes(self) -> [u8; 32] {
        self.0
    }
}

impl fmt::Debug for LimitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LimitKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_apart() {
        assert_ne!(LimitKey::of(&["a", "bc"]), LimitKey::of(&["ab", "c"]));
        assert_ne!(LimitKey::of(&["a"]), LimitKey::of(&["a", ""]));
        assert_eq!(LimitKey::of(&["a", "b"]), LimitKey::of(&["a", "b"]));
    }
}
