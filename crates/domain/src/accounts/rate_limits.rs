//! The rate limits of log-ins, registrations and requests for mails.
//!
//! An act counts against its client and against the address in the request. The limits of a client alone
//! don't apply to an address at which that client has logged in before. Otherwise a shared network could lock
//! riders out.

use chrono::TimeDelta;

use crate::client::Client;
use crate::email_address::EmailKey;
use crate::mail::MailKind;
use crate::rate_limiter::{RateLimitError, RateLimiter};
use crate::store::{Limit, LimitKey};

const QUARTER_OF_AN_HOUR: TimeDelta = TimeDelta::minutes(15);
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Returns the limit of failed log-ins at one address from one client.
fn failed_log_ins_at_from(email: &EmailKey, client: Client) -> Limit {
    let key = LimitKey::of(&["failed log-ins at, from", email.as_str(), &client.to_string()]);
    limit(key, 10, QUARTER_OF_AN_HOUR)
}

/// Returns the limit of failed log-ins from one client, at all addresses that do not know the client.
fn failed_log_ins_from(client: Client) -> Limit {
    let key = LimitKey::of(&["failed log-ins from", &client.to_string()]);
    limit(key, 100, QUARTER_OF_AN_HOUR)
}

/// Returns the limit of failed log-ins at one address from all clients that are not known to it.
fn failed_log_ins_of_strangers_at(email: &EmailKey) -> Limit {
    let key = LimitKey::of(&["failed log-ins of strangers at", email.as_str()]);
    limit(key, 100, QUARTER_OF_AN_HOUR)
}

/// Returns the limit of successful log-ins from one client.
pub(super) fn log_ins_from(client: Client) -> Limit {
    let key = LimitKey::of(&["log-ins from", &client.to_string()]);
    limit(key, 300, QUARTER_OF_AN_HOUR)
}

/// Returns the limit of registrations and changes of address from one client.
fn claims_of_an_address_from(client: Client) -> Limit {
    let key = LimitKey::of(&["claims of an address from", &client.to_string()]);
    limit(key, 20, HOUR)
}

/// Returns the limit of mails that one client requests.
///
/// Mails of a registration or a change of address count, too.
fn mails_asked_for_from(client: Client) -> Limit {
    let key = LimitKey::of(&["mails asked for from", &client.to_string()]);
    limit(key, 20, HOUR)
}

/// Returns the limit of mails of one kind to one address, for all clients together.
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

    /// Counts an attempt to take an address, unless a limit of the attempt or of its `mails` is reached.
    ///
    /// A registration and a change of address both take an address. The mails count when they are sent. An
    /// attempt counts whether the address is taken or not, so the limit does not reveal which.
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

    /// Counts a request for a mail to an address, unless the client's limit is reached.
    pub(super) async fn try_acquire_mail_request(
        &self,
        email: &EmailKey,
        client: Client,
    ) -> Result<(), RateLimitError> {
        self.try_acquire_of_client(email, client, mails_asked_for_from(client))
            .await
    }

    /// Counts an act against a limit of its client, unless the client is known to the address.
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

    /// Counts mails that are already in the outbox. A failure does not undo the act that caused them.
    pub(super) async fn count_mails(&self, mails: &[Limit]) {
        if let Err(RateLimitError::Store(error)) = self.try_acquire(mails).await {
            tracing::warn!(%error, "could not count mails against their limits");
        }
    }
}
