//! How often one may guess a password, register and have mails sent. Somebody's acts count against them and against those whom
//! they are aimed at, never against others.

use chrono::TimeDelta;

use crate::Kairos;
use crate::client::Client;
use crate::email_address::EmailKey;
use crate::mail::MailKind;
use crate::store::{Limit, LimitKey, StoreError};

/// Somebody did something too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a limit is reached for {} s", .retry_after.num_seconds())]
pub struct LimitReached {
    /// When it may be tried again, counted from now: whole seconds, at least one.
    pub retry_after: TimeDelta,
}

const QUARTER_OF_AN_HOUR: TimeDelta = TimeDelta::minutes(15);
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Failed log-ins at one address from one client.
pub(super) fn failed_log_ins_at_from(email: &EmailKey, client: Client) -> Limit {
    let key = LimitKey::of(&["failed log-ins at, from", email.as_str(), &client.to_string()]);
    limit(key, 10, QUARTER_OF_AN_HOUR)
}

/// Failed log-ins from one client, at whichever address.
pub(super) fn failed_log_ins_from(client: Client) -> Limit {
    let key = LimitKey::of(&["failed log-ins from", &client.to_string()]);
    limit(key, 100, QUARTER_OF_AN_HOUR)
}

/// Failed log-ins at one address from all clients that have never logged in there.
pub(super) fn failed_log_ins_of_strangers_at(email: &EmailKey) -> Limit {
    let key = LimitKey::of(&["failed log-ins of strangers at", email.as_str()]);
    limit(key, 100, QUARTER_OF_AN_HOUR)
}

/// Registrations and changes of address from one client.
fn claims_of_an_address_from(client: Client) -> Limit {
    let key = LimitKey::of(&["claims of an address from", &client.to_string()]);
    limit(key, 20, HOUR)
}

/// Mails that one client asks for. Those that belong to a registration or a change of address are limited by these.
pub(super) fn mails_asked_for_from(client: Client) -> Limit {
    let key = LimitKey::of(&["mails asked for from", &client.to_string()]);
    limit(key, 20, HOUR)
}

/// Mails of one kind to one address, whoever causes them.
pub(super) fn mails_to(email: &EmailKey, kind: MailKind) -> Limit {
    let key = LimitKey::of(&["mails to", email.as_str(), kind.as_str()]);
    limit(key, 5, HOUR)
}

const fn limit(key: LimitKey, most: u32, window: TimeDelta) -> Limit {
    Limit { key, most, window }
}

impl Kairos {
    /// Counts an act, unless that would be one too many.
    pub(super) async fn count(&self, limits: &[Limit]) -> Result<Option<LimitReached>, StoreError> {
        if !self.settings.rate_limit {
            return Ok(None);
        }
        let now = self.clock.now();
        let until = self.store.count_act(limits, now).await?;
        Ok(until.map(|until| LimitReached::for_the_next(until - now)))
    }

    /// Counts an attempt to register or to move to an address, unless that would be one too many or the mails that belong to it would be. Those
    /// count when they are sent. Whether the address is taken does not matter, so that no limit tells.
    pub(super) async fn claim_an_address(
        &self,
        client: Client,
        mails: &[Limit],
    ) -> Result<Option<LimitReached>, StoreError> {
        match self.reached(mails).await? {
            None => self.count(&[claims_of_an_address_from(client)]).await,
            reached => Ok(reached),
        }
    }

    /// Counts mails that are on their way. The act they belong to has happened by now, and is not undone if they can't be counted.
    pub(super) async fn count_mails(&self, mails: &[Limit]) {
        if let Err(error) = self.count(mails).await {
            tracing::warn!(%error, "mails were not counted");
        }
    }

    /// Says whether another act would be one too many.
    pub(super) async fn reached(&self, limits: &[Limit]) -> Result<Option<LimitReached>, StoreError> {
        if !self.settings.rate_limit {
            return Ok(None);
        }
        let now = self.clock.now();
        let until = self.store.limit_reached(limits, now).await?;
        Ok(until.map(|until| LimitReached::for_the_next(until - now)))
    }
}

impl LimitReached {
    pub(crate) fn for_the_next(time: TimeDelta) -> Self {
        // Rounded up: whoever comes back to the second is not refused again.
        let seconds = (time + TimeDelta::milliseconds(999)).num_seconds().max(1);
        Self {
            retry_after: TimeDelta::seconds(seconds),
        }
    }
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
