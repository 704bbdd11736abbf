use std::sync::Arc;

use tokio::time::Instant;

use super::CheckPasswordError;
use super::rate_limits::mails_to;
use crate::Kairos;
use crate::client::Client;
use crate::email_address::EmailAddress;
use crate::id::{MailId, UserId};
use crate::mail::{MailKind, OutboxMail};
use crate::password::PasswordAttempt;
use crate::rate_limiter::RateLimitError;
use crate::store::{StoreError, Unique, UserChange, WriteError};
use crate::text::Name;
use crate::user::{Contact, User};
use crate::writes::{Precondition, WriteRefused};

/// A change of a rider's profile.
#[derive(Debug, Clone)]
pub struct UpdateProfile {
    /// The new name.
    pub name: Name,
    /// The new contact lines. An absent line is removed.
    pub contact: Contact,
    /// The new address; `None` keeps the old one.
    pub email: Option<EmailAddress>,
    /// The present password. A change of address requires it.
    pub current_password: Option<PasswordAttempt>,
    /// The content of the field `password`.
    ///
    /// Old clients send back the hash that they received. Any other text is an attempt to change the
    /// password, which has an endpoint of its own.
    pub password: Option<String>,
    /// The client that sent the request.
    pub client: Client,
}

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateProfileError {
    /// There is no such account.
    #[error("no such rider")]
    UserNotFound,
    /// The account belongs to another rider.
    #[error("another rider's account")]
    NotYourAccount,
    /// The request has a password, but a password has an act of its own ([`Kairos::change_own_password`]).
    #[error("a password came with it")]
    PasswordGiven,
    /// A change of address came without the present password, or with a wrong one.
    #[error("the present password is another one")]
    IncorrectPassword,
    /// The password check gave no result.
    #[error(transparent)]
    NotChecked(#[from] CheckPasswordError),
    /// Another account has this address.
    #[error("the address is taken")]
    EmailTaken,
    /// The client has changed addresses too often, or too many mails went to one of the addresses.
    #[error(transparent)]
    Limited(#[from] RateLimitError),
    /// The write was refused.
    #[error(transparent)]
    Write(#[from] WriteRefused),
}

impl From<StoreError> for UpdateProfileError {
    fn from(error: StoreError) -> Self {
        Self::Write(error.into())
    }
}

impl Kairos {
    /// Changes a rider's own profile.
    ///
    /// A new address is unverified. It gets a mail with a link that verifies it, and the old address gets a
    /// notice.
    ///
    /// A new address requires the present password. The owner of the address can reset the password, so a
    /// thief of an access token could otherwise take over the account. Another spelling of the same address
    /// does not require the password.
    ///
    /// # Errors
    /// [`UpdateProfileError`].
    pub async fn update_profile(
        self: &Arc<Self>,
        rider: &User,
        id: UserId,
        precondition: &Precondition<User>,
        update: UpdateProfile,
    ) -> Result<User, UpdateProfileError> {
        if id != rider.id {
            return Err(match self.store.user(id).await? {
                Some(_) => UpdateProfileError::NotYourAccount,
                None => UpdateProfileError::UserNotFound,
            });
        }
        let (mut claimed, mut confirmed) = (None, None);
        loop {
            let before = self
                .store
                .user(id)
                .await?
                .ok_or(UpdateProfileError::UserNotFound)?;
            precondition.check(&before)?;
            let given = update.password.as_deref();
            if given.is_some_and(|given| given != before.password.as_str()) {
                return Err(UpdateProfileError::PasswordGiven);
            }
            let after = update.applied_to(&before);
            if after == before {
                return Ok(after);
            }
            let (old, new) = (before.email.key(), after.email.key());
            let moves = old != new;
            let mails = [
                mails_to(&new, MailKind::VerifyEmail),
                mails_to(&old, MailKind::AddressChanged),
            ];
            if moves && confirmed.as_ref() != Some(&before.password) {
                self.confirm_password(&before, &update).await?;
                confirmed = Some(before.password.clone());
            }
            // A retry after a conflict does not count as another attempt.
            if moves && claimed.as_ref() != Some(&old) {
                self.rate_limiter
                    .try_acquire_claim(&new, update.client, &mails)
                    .await?;
                claimed = Some(old);
            }
            let change = UserChange {
                mails: if moves {
                    self.mails_of_a_new_address(&before, &after)
                } else {
                    Vec::new()
                },
                before,
                after,
            };
            let write = self.write_of(id);
            let replaced = self.store.replace_user(&change, Some(&write)).await;
            if let Err(WriteError::Store(StoreError::Conflict(Unique::Email))) = replaced {
                return Err(UpdateProfileError::EmailTaken);
            }
            if self.is_done(replaced)? {
                if moves {
                    self.rate_limiter.count_mails(&mails).await;
                    self.see_to_mails(Instant::now()).await;
                }
                return Ok(change.after);
            }
        }
    }

    /// Checks the present password, and counts a wrong one as a failed log-in.
    async fn confirm_password(&self, rider: &User, update: &UpdateProfile) -> Result<(), UpdateProfileError> {
        let attempt = update
            .current_password
            .clone()
            .ok_or(UpdateProfileError::IncorrectPassword)?;
        let key = rider.email.key();
        if self
            .check_password(&key, update.client, attempt, Some(&rider.password))
            .await?
        {
            Ok(())
        } else {
            Err(UpdateProfileError::IncorrectPassword)
        }
    }

    /// Returns the mails for a new address: a link that verifies it, and a notice to the old one.
    fn mails_of_a_new_address(&self, before: &User, after: &User) -> Vec<OutboxMail> {
        let now = self.clock.now();
        let mail = |user: &User, kind| OutboxMail {
            id: MailId(self.new_id(now)),
            user_id: user.id,
            to: user.email.clone(),
            kind,
            created_at: now,
            attempts: 0,
        };
        vec![
            mail(after, MailKind::VerifyEmail),
            mail(before, MailKind::AddressChanged),
        ]
    }
}

impl UpdateProfile {
    fn applied_to(&self, user: &User) -> User {
        let email = self.email.clone().unwrap_or_else(|| user.email.clone());
        let moves = email.key() != user.email.key();
        User {
            is_verified: user.is_verified && !moves,
            address_version: user.address_version + u32::from(moves),
            email,
            name: self.name.clone(),
            contact: self.contact.clone(),
            ..user.clone()
        }
    }
}
