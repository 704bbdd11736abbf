//! The limits on guessing passwords, registering, and asking for mails.
//!
//! An act counts against its client and against the address that it names, never against others. Limits of a client alone don't
//! apply to an address that the client has logged in to before, so that a shared network locks no rider out.

use chrono::TimeDelta;

use crate::client::Client;
use crate::email_address::EmailKey;
use crate::mail::MailKind;
use crate::rate_limiter::{RateLimitError, RateLimiter};
use crate::store::{Limit, LimitKey};

const QUARTER_OF_AN_HOUR: TimeDelta = TimeDelta::minutes(15);
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Failed log-ins at one address from one client.
fn failed_log_ins_at_from(email: &EmailKey, client: Client) -> Limit {
    let key = LimitKey::of(&["failed log-ins at, from", email.as_str(), &client.to_string()]);
    limit(key, 10, QUARTER_OF_AN_HOUR)
}

/// Failed log-ins from one client, at all addresses to which it is not known.
fn failed_log_ins_from(client: Client) -> Limit {
    let key = LimitKey::of(&["failed log-ins from", &client.to_string()]);
    limit(key, 100, QUARTER_OF_AN_HOUR)
}

/// Failed log-ins at one address from all clients that are not known to it.
fn failed_log_ins_of_strangers_at(email: &EmailKey) -> Limit {
    let key = LimitKey::of(&["failed log-ins of strangers at", email.as_str()]);
    limit(key, 100, QUARTER_OF_AN_HOUR)
}

/// Successful log-ins from one client.
pub(super) fn log_ins_from(client: Client) -> Limit {
    let key = LimitKey::of(&["log-ins from", &client.to_string()]);
    limit(key, 300, QUARTER_OF_AN_HOUR)
}

/// Registrations and changes of address from one client.
fn claims_of_an_address_from(client: Client) -> Limit {
    let key = LimitKey::of(&["claims of an address from", &client.to_string()]);
    limit(key, 20, HOUR)
}

/// Mails that one client asks for. Mails of a registration or a change of address count as these.
fn mails_asked_for_from(client: Client) -> Limit {
    let key = LimitKey::of(&["mails asked for from", &client.to_string()]);
    limit(key, 20, HOUR)
}

/// Mails of one kind to one address, from all clients.
pub(super) fn mails_to(email: &EmailKey, kind: MailKind) -> Limit {
    let key = LimitKey::of(&["mails to", email.as_str(), kind.as_str()]);
    limit(key, 5, HOUR)
}

const fn limit(key: LimitKey, most: u32, window: TimeDelta) -> Limit {
    Limit { key, most, window }
}

impl RateLimiter {
    /// Returns the limits of failed log-ins that apply to a client at an address.
    pub(super) async fn limits_of_failed_log_ins(
        &self,
        email: &EmailKey,
        client: Client,
    ) -> Result<Vec<Limit>, RateLimitError> {
        let mut limits = vec![failed_log_ins_at_from(email, client)];
        if !self.knows_client(email, client).await? {
            limits.extend([failed_log_ins_from(client), failed_log_ins_of_strangers_at(email)]);
        }
        Ok(limits)
    }

    /// Counts an attempt to register with an address or to move to it, unless a limit of the attempt or of its `mails` is reached.
    ///
    /// The mails count when they are sent. An attempt counts whether the address is taken or not, so that no limit tells.
    pub(super) async fn try_acquire_claim(
        &self,
        email: &EmailKey,
        client: Client,
        mails: &[Limit],
    ) -> Result<(), RateLimitError> {
        self.check(mails).await?;
        self.try_acquire_of_client(email, client, claims_of_an_address_from(client))
            .await
    }

    /// Counts a request for a mail to an address, unless the limit of its client is reached.
    pub(super) async fn try_acquire_mail_request(
        &self,
        email: &EmailKey,
        client: Client,
    ) -> Result<(), RateLimitError> {
        self.try_acquire_of_client(email, client, mails_asked_for_from(client))
            .await
    }

    /// Counts an act against a limit of its client alone, which doesn't apply to an address that knows the client.
    async fn try_acquire_of_client(
        &self,
        email: &EmailKey,
        client: Client,
        limit: Limit,
    ) -> Result<(), RateLimitError> {
        if self.knows_client(email, client).await? {
            return Ok(());
        }
        self.try_acquire(&[limit]).await
    }

    /// Counts mails that are on their way. A failure does not undo the act that caused them.
    pub(super) async fn count_mails(&self, mails: &[Limit]) {
        if let Err(RateLimitError::Store(error)) = self.try_acquire(mails).await {
            tracing::warn!(%error, "mails were not counted");
        }
    }
}
