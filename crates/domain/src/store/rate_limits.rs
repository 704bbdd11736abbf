use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::StoreError;

/// How often something was done lately, and who has been here before. It is kept in the store so that several instances count
/// together, and a new start forgets nothing.
#[async_trait]
pub trait RateLimits: Send + Sync {
    /// Counts an act once against each limit, unless one of them is reached: then it counts nowhere, and the answer is when none of
    /// them will be reached any more.
    ///
    /// Of many calls at once, no more are counted under one key than its limit allows. Where a store can't count under several keys in
    /// one step, it counts in their order: an act that one of them refuses because of another at the same moment, or because of a
    /// crash, stays counted under those before it.
    async fn count_act(
        &self,
        limits: &[Limit],
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// When none of the limits will be reached any more, if one is reached now.
    async fn limit_reached(
        &self,
        limits: &[Limit],
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// Remembers a client until an instant, or for longer if it is so remembered already.
    async fn remember_client(&self, key: LimitKey, until: DateTime<Utc>) -> Result<(), StoreError>;

    /// Whether a client is remembered.
    async fn remembers_client(&self, key: LimitKey, now: DateTime<Utc>) -> Result<bool, StoreError>;
}

/// How often something may be done: in any span of `window`, at most `most` times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What is counted.
    pub key: LimitKey,
    /// How often.
    pub most: u32,
    /// For how long an act counts.
    pub window: TimeDelta,
}

/// What is counted, by whom and at whom: SHA-256 of their names. Names may be as long as a form field, and a hash is not; and nobody
/// who looks into the database reads from it who was where.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LimitKey([u8; 32]);

impl LimitKey {
    /// The key for these names, in this order.
    #[must_use]
    pub fn of(names: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for name in names {
            // With their lengths: otherwise `["a", "bc"]` would be `["ab", "c"]`.
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(name);
        }
        Self(hash.finalize().into())
    }

    /// The hash.
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
