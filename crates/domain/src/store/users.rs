use async_trait::async_trait;

use super::StoreError;
use crate::email_address::{EmailAddress, EmailKey};
use crate::id::{MailId, UserId};
use crate::mail::OutboxMail;
use crate::password::PasswordHash;
use crate::text::Name;
use crate::user::{Contact, User};
use chrono::{DateTime, Utc};

/// Riders' accounts.
#[async_trait]
pub trait Users: Send + Sync {
    /// Adds an account together with the mail that asks its rider to verify it: both are there, or neither.
    /// [`StoreError::Conflict`] with `Unique::Email` when another account has the same e-mail key, however many
    /// calls try at once.
    async fn register_user(&self, user: &User, mail: &OutboxMail) -> Result<(), StoreError>;

    /// Finds an account by its id.
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Finds the account that logs in by an address. Where an old database holds it twice, the verified one
    /// comes first, then the one with the lowest id.
    async fn user_by_email(&self, key: &EmailKey) -> Result<Option<User>, StoreError>;

    /// Overwrites the part of an account that its rider writes and returns the account as it is then; `None`
    /// when it does not exist.
    ///
    /// An address with another key than the one held makes the account unverified and puts two mails into the
    /// outbox with the same act: `VerifyEmail` to the new address, `AddressChanged` to the old one. Another spelling with the
    /// same key is only kept. [`StoreError::Conflict`] with `Unique::Email` when another account has the key; nothing has
    /// changed then.
    async fn update_profile(&self, id: UserId, update: &ProfileUpdate) -> Result<Option<User>, StoreError>;

    /// Marks an account verified if its address still has this key.
    async fn verify_email(&self, id: UserId, key: &EmailKey) -> Result<Verification, StoreError>;

    /// Sets a new password, raises the credential version by one and ends all sessions, if the version is still
    /// the expected one; says whether it was. Of several calls with one version, one succeeds.
    async fn change_password(&self, change: &PasswordChange) -> Result<bool, StoreError>;

    /// Removes an account with its journeys, their markers, its sessions and its waiting mails; says whether it was there.
    /// Whatever a crash leaves, the account no longer exists for any reader, and a second call finishes the work.
    async fn delete_user_with_everything(&self, id: UserId) -> Result<bool, StoreError>;
}

/// What a rider writes of their account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileUpdate {
    /// The new name.
    pub name: Name,
    /// The new contact lines; an absent one is emptied.
    pub contact: Contact,
    /// The new address; `None` keeps the old one.
    pub email: Option<EmailAddress>,
    /// The id for a mail to the new address, if one is due.
    pub verify_mail: MailId,
    /// The id for a mail to the old address, if one is due.
    pub notice_mail: MailId,
    /// The time of the act.
    pub now: DateTime<Utc>,
}

/// A new password and the state of the account that it replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordChange {
    /// Whose password it is.
    pub user_id: UserId,
    /// The credential version that the caller saw.
    pub expected_version: u32,
    /// The hash of the new password.
    pub password: PasswordHash,
}

/// How an attempt to verify an address ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// The account is verified from now on.
    Verified,
    /// It was verified before.
    AlreadyVerified,
    /// The account has another address by now; nothing has changed.
    AddressChanged,
    /// There is no such account.
    NoSuchUser,
}
