use std::sync::Arc;

use tokio::time::Instant;

use super::limits::{self, LimitReached};
use crate::Kairos;
use crate::client::Client;
use crate::email_address::EmailAddress;
use crate::id::{MailId, UserId};
use crate::mail::MailKind;
use crate::store::{ProfileUpdate, StoreError, Unique};
use crate::text::Name;
use crate::user::{Contact, User};

/// What a rider writes of their account.
#[derive(Debug, Clone)]
pub struct UpdateProfile {
    /// The new name.
    pub name: Name,
    /// The new contact lines; an absent one is emptied.
    pub contact: Contact,
    /// The new address; `None` keeps the old one.
    pub email: Option<EmailAddress>,
    /// Whatever came in the field of that name. Old clients send the hash back that they were once given; anything
    /// else is an attempt to change the password, which has a way of its own.
    pub password: Option<String>,
    /// Who asks.
    pub client: Client,
}

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateProfileError {
    /// There is no such account.
    #[error("no such rider")]
    UserNotFound,
    /// It is somebody else's.
    #[error("another rider's account")]
    NotYourAccount,
    /// Passwords are changed elsewhere.
    #[error("a password came with it")]
    PasswordGiven,
    /// Another account has this address.
    #[error("the address is taken")]
    EmailTaken,
    /// Too many changes of address came from there, or too many mails went to one of the addresses.
    #[error(transparent)]
    TooMany(#[from] LimitReached),
    /// The store could not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Changes a rider's own profile. A new address is unverified, is mailed a link that verifies it, and the old one
    /// is told.
    ///
    /// # Errors
    /// [`UpdateProfileError`].
    pub async fn update_profile(
        self: &Arc<Self>,
        rider: &User,
        id: UserId,
        update: UpdateProfile,
    ) -> Result<User, UpdateProfileError> {
        if id != rider.id {
            return Err(match self.store.user(id).await? {
                Some(_) => UpdateProfileError::NotYourAccount,
                None => UpdateProfileError::UserNotFound,
            });
        }
        if update
            .password
            .is_some_and(|password| password != rider.password.as_str())
        {
            return Err(UpdateProfileError::PasswordGiven);
        }
        let old = rider.email.key();
        let new = update.email.as_ref().map(EmailAddress::key);
        let mut mails = Vec::new();
        if let Some(new) = new.filter(|new| *new != old) {
            mails.push(limits::mails_to(&new, MailKind::VerifyEmail));
            mails.push(limits::mails_to(&old, MailKind::AddressChanged));
            if let Some(reached) = self.claim_an_address(update.client, &mails).await? {
                return Err(reached.into());
            }
        }
        let now = self.clock.now();
        let update = ProfileUpdate {
            name: update.name,
            contact: update.contact,
            email: update.email,
            verify_mail: MailId(self.new_id(now)),
            notice_mail: MailId(self.new_id(now)),
            now,
        };
        let updated = self
            .store
            .update_profile(id, &update)
            .await
            .map_err(|error| match error {
                StoreError::Conflict(Unique::Email) => UpdateProfileError::EmailTaken,
                other => UpdateProfileError::Store(other),
            })?;
        if !mails.is_empty() {
            self.count_mails(&mails).await;
            self.see_to_mails(Instant::now()).await;
        }
        updated.ok_or(UpdateProfileError::UserNotFound)
    }
}
