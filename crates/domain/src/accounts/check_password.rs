use chrono::TimeDelta;

use super::limits::{self, LimitReached};
use crate::Kairos;
use crate::client::Client;
use crate::email_address::EmailKey;
use crate::password::{PasswordAttempt, PasswordHash, PasswordQueueFull};
use crate::store::{LimitKey, StoreError};

/// For how long a client that has known an account's password, or has set one by a mailed link, is no stranger there.
const REMEMBERED_FOR: TimeDelta = TimeDelta::days(90);

/// Why a password was not even checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckPasswordError {
    /// Too many guesses were wrong before.
    #[error(transparent)]
    TooManyGuesses(#[from] LimitReached),
    /// Too many passwords wait to be checked.
    #[error(transparent)]
    Busy(#[from] PasswordQueueFull),
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Says whether a password is the one of the account at an address, `None` where there is none, and counts the guess if it is not.
    ///
    /// Guesses made at the same time are decided in the order in which they turn out right or wrong: as soon as as many as allowed were told to
    /// be wrong, no other is told to be right or wrong, and a burst of guesses gains nothing. A right one counts nowhere, so that any
    /// number of right ones may come at once.
    ///
    /// A client that knew the password before is a stranger no more: somebody else's guessing from elsewhere does not lock it out.
    pub(super) async fn check_password(
        &self,
        email: &EmailKey,
        client: Client,
        attempt: PasswordAttempt,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, CheckPasswordError> {
        let mut limits = vec![
            limits::failed_log_ins_at_from(email, client),
            limits::failed_log_ins_from(client),
        ];
        if !self.is_acquainted(email, client).await? {
            limits.push(limits::failed_log_ins_of_strangers_at(email));
        }
        if let Some(reached) = self.reached(&limits).await? {
            return Err(reached.into());
        }
        let is_right = self.passwords.verify(attempt, hash).await?;
        let reached = if is_right {
            self.reached(&limits).await?
        } else {
            self.count(&limits).await?
        };
        if let Some(reached) = reached {
            return Err(reached.into());
        }
        if is_right {
            self.acquaint(email, client).await?;
        }
        Ok(is_right)
    }

    /// Remembers that a client is its rider's own.
    pub(super) async fn acquaint(&self, email: &EmailKey, client: Client) -> Result<(), StoreError> {
        if !self.settings.rate_limit {
            return Ok(());
        }
        let until = self.clock.now() + REMEMBERED_FOR;
        self.store
            .remember_client(acquaintance(email, client), until)
            .await
    }

    async fn is_acquainted(&self, email: &EmailKey, client: Client) -> Result<bool, StoreError> {
        if !self.settings.rate_limit {
            return Ok(false);
        }
        self.store
            .remembers_client(acquaintance(email, client), self.clock.now())
            .await
    }
}

fn acquaintance(email: &EmailKey, client: Client) -> LimitKey {
    LimitKey::of(&["acquainted with, at", email.as_str(), &client.to_string()])
}
