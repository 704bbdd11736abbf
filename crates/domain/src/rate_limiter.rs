//! The rate limiter: counts of acts, and the clients that are known to each account.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::client::Client;
use crate::clock::Clock;
use crate::email_address::EmailKey;
use crate::store::{Limit, LimitKey, RateLimits, StoreError};

/// The act would exceed a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a limit is reached for {} s", .retry_after.num_seconds())]
pub struct LimitReached {
    /// The time until the limit ends: whole seconds, at least one.
    pub retry_after: TimeDelta,
}

/// Why the rate limiter rejected an act.
#[derive(Debug, thiserror::Error)]
pub enum RateLimitError {
    /// The act would exceed a limit.
    #[error(transparent)]
    Reached(#[from] LimitReached),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The time for which a client stays known to an account.
const REMEMBERED_FOR: TimeDelta = TimeDelta::days(90);

/// Counts acts against limits, and rejects an act that would exceed one.
///
/// The store keeps the counts, so that several instances count together and the counts survive a restart.
pub(crate) struct RateLimiter {
    store: Arc<dyn RateLimits>,
    clock: Arc<dyn Clock>,
    is_on: bool,
}

impl RateLimiter {
    /// Returns a limiter. A limiter that is off admits every act, counts nothing and knows no client.
    pub(crate) fn new(store: Arc<dyn RateLimits>, clock: Arc<dyn Clock>, is_on: bool) -> Self {
        Self { store, clock, is_on }
    }

    /// Counts an act against all limits, or against none if it would exceed one.
    pub(crate) async fn try_acquire(&self, limits: &[Limit]) -> Result<(), RateLimitError> {
        if !self.is_on {
            return Ok(());
        }
        let now = self.clock.now();
        refuse_until(self.store.count_act(limits, now).await?, now)
    }

    /// Checks whether an act would exceed a limit, without counting it.
    pub(crate) async fn check(&self, limits: &[Limit]) -> Result<(), RateLimitError> {
        if !self.is_on {
            return Ok(());
        }
        let now = self.clock.now();
        refuse_until(self.store.limit_reached(limits, now).await?, now)
    }

    /// Marks a client as known to the account at an address for 90 days.
    pub(crate) async fn remember_client(&self, email: &EmailKey, client: Client) -> Result<(), StoreError> {
        if !self.is_on {
            return Ok(());
        }
        let until = self.clock.now() + REMEMBERED_FOR;
        self.store
            .remember_client(known_client(email, client), until)
            .await
    }

    /// Checks whether a client is known to the account at an address.
    pub(crate) async fn knows_client(&self, email: &EmailKey, client: Client) -> Result<bool, StoreError> {
        if !self.is_on {
            return Ok(false);
        }
        let now = self.clock.now();
        self.store
            .remembers_client(known_client(email, client), now)
            .await
    }
}

impl LimitReached {
    /// Returns the error of an act that may be repeated after `time`.
    pub(crate) fn for_the_next(time: TimeDelta) -> Self {
        // The time is rounded up, so that a retry exactly after it is not rejected again.
        let seconds = (time + TimeDelta::milliseconds(999)).num_seconds().max(1);
        Self {
            retry_after: TimeDelta::seconds(seconds),
        }
    }
}

fn refuse_until(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), RateLimitError> {
    match until {
        Some(until) => Err(LimitReached::for_the_next(until - now).into()),
        None => Ok(()),
    }
}

fn known_client(email: &EmailKey, client: Client) -> LimitKey {
    // Databases hold hashes of these words, so the words must not change.
    LimitKey::of(&["acquainted with, at", email.as_str(), &client.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_a_whole_number_of_seconds_and_never_too_short() {
        let pause = |milliseconds| {
            LimitReached::for_the_next(TimeDelta::milliseconds(milliseconds))
                .retry_after
                .num_seconds()
        };
        assert_eq!([-5, 0, 1, 1000, 1001].map(pause), [1, 1, 1, 1, 2]);
    }
}
