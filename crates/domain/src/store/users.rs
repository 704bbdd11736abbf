use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{StoreError, Write, WriteError};
use crate::email_address::EmailKey;
use crate::id::UserId;
use crate::mail::OutboxMail;
use crate::token::TokenHash;
use crate::user::User;

/// Riders' accounts.
#[async_trait]
pub trait Users: Send + Sync {
    /// Adds an account and its verification mail, and uses up the invitation, all in one transaction.
    ///
    /// Fails with [`StoreError::Conflict`] (`Unique::Email`) if another account has the same e-mail key,
    /// however many calls run at once.
    async fn register_user(&self, registration: &Registration) -> Result<Registered, StoreError>;

    /// Returns an account by its id.
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Returns those of the accounts that exist, in no particular order.
    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError>;

    /// Returns the account that logs in by an address.
    ///
    /// If several accounts of an old database share it, the verified one logs in, then the one with the
    /// lowest id.
    async fn user_by_email(&self, key: &EmailKey) -> Result<Option<User>, StoreError>;

    /// Replaces `before` by `after`, and adds the mails to the outbox in the same transaction.
    ///
    /// Fails with [`WriteError::Changed`] if the stored account differs from `before`.
    ///
    /// A raised credential version ends all the rider's sessions. Fails with [`StoreError::Conflict`]
    /// (`Unique::Email`) if another account has the key of a changed address. `write` is `None` for acts by a
    /// mailed link and for operators.
    async fn replace_user(&self, change: &UserChange, write: Option<&Write>) -> Result<(), WriteError>;

    /// Removes an account with its journeys and all their parts, its sessions, keys and queued mails.
    ///
    /// An account that is larger than a batch is only marked, which hides it and frees its address.
    /// [`delete_next_batch`](super::Store::delete_next_batch) then removes it. [`WriteError::Changed`] if the
    /// stored account differs from `before`.
    async fn delete_user(&self, before: &User) -> Result<(), WriteError>;

    /// Adds an invitation, which is valid for one registration until it expires.
    async fn add_invitation(&self, hash: TokenHash, expires_at: DateTime<Utc>) -> Result<(), StoreError>;
}

/// A registration of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The account.
    pub user: User,
    /// The mail that asks to verify its address.
    pub mail: OutboxMail,
    /// The invitation that the registration uses up.
    pub invitation: Option<TokenHash>,
}

/// The outcome of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// The account exists.
    Done,
    /// The invitation is unknown, used, or expired at the mail's `created_at`. Nothing has changed.
    InvitationNotGood,
}

/// A change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserChange {
    /// The account as the caller saw it.
    pub before: User,
    /// The account after the change, with the same id.
    pub after: User,
    /// The mails that the change causes.
    pub mails: Vec<OutboxMail>,
}

impl UserChange {
    /// Returns the change that marks the address as verified.
    #[must_use]
    pub fn verification(before: User) -> Self {
        let after = User {
            is_verified: true,
            ..before.clone()
        };
        Self {
            before,
            after,
            mails: Vec::new(),
        }
    }
}
