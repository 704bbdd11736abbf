//! Tokens: what they say, and the port that signs and reads them.
//!
//! The wire form (JWT, HS256) belongs to the API. What a token means, and until when, is decided here.

use std::fmt;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::id::{SessionId, UserId};

/// What a token is good for. It is good for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Calls to the API.
    Access,
    /// One new pair of tokens.
    Refresh,
    /// Showing that an address receives mail.
    EmailVerification,
    /// Setting a new password without the old one.
    PasswordReset,
}

impl Scope {
    /// Every scope with the word that stands for it in a token.
    pub const ALL: [(&'static str, Self); 4] = [
        ("access", Self::Access),
        ("refresh", Self::Refresh),
        ("email_verification", Self::EmailVerification),
        ("password_reset", Self::PasswordReset),
    ];
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// What it is good for.
    pub scope: Scope,
    /// Whom it speaks of: a user id in access and refresh tokens, an e-mail address in those that are mailed.
    pub subject: String,
    /// When it ends, to the second. It is no longer good at that instant.
    pub expires_at: DateTime<Utc>,
    /// What this service adds; tokens of the earlier service lack it.
    pub own: Option<OwnClaims>,
}

/// The claims that the earlier service did not make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnClaims {
    /// When it was made, to the second.
    pub issued_at: DateTime<Utc>,
    /// A name of its own, so that no two tokens are equal.
    pub token_id: String,
    /// The rider's credential version when it was made.
    pub credential_version: u32,
    /// The session, in refresh tokens.
    pub session_id: Option<SessionId>,
    /// The account, in mailed tokens.
    pub account: Option<MailedAccount>,
}

/// The account that a mailed token is for. The token's subject is the address it was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailedAccount {
    /// The rider.
    pub user_id: UserId,
    /// The rider's address version when the token was made.
    pub address_version: u32,
}

impl Claims {
    /// Whether the token has ended.
    #[must_use]
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at <= now
    }

    /// The credential version it was made under; tokens of the earlier service are older than any change of
    /// password made here.
    #[must_use]
    pub fn credential_version(&self) -> u32 {
        self.own.as_ref().map_or(0, |own| own.credential_version)
    }
}

/// The text is no token of ours: its form, its algorithm or its signature is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token of this service")]
pub struct NotAToken;

/// Signs and reads tokens.
pub trait TokenCodec: Send + Sync {
    /// Writes claims down and signs them.
    fn sign(&self, claims: &Claims) -> String;

    /// Reads a token whose signature is right; whether it has ended is not judged here.
    ///
    /// # Errors
    /// [`NotAToken`] for everything else.
    fn read(&self, token: &str) -> Result<Claims, NotAToken>;
}

/// What is kept of a refresh token: SHA-256 of its text. The text is a signed random value, so that a slow hash
/// would add nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// Takes a hash that a store holds.
    #[must_use]
    pub const fn stored(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash.
    #[must_use]
    pub const fn bytes(self) -> [u8; 32] {
        self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}
