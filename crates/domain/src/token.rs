//! Tokens: their claims, and the port that signs and reads them.
//!
//! The API owns the wire format (JWT, HS256). The domain decides the meaning and the lifetime of a token.

use std::fmt;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::id::{SessionId, UserId};

/// The purpose of a token. A token is valid for one purpose only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Requests to the API.
    Access,
    /// The exchange for a new pair of tokens.
    Refresh,
    /// The verification of an e-mail address.
    EmailVerification,
    /// The reset of a password, without the old one.
    PasswordReset,
}

impl Scope {
    /// Every scope, with its word in a token.
    pub const ALL: [(&'static str, Self); 4] = [
        ("access", Self::Access),
        ("refresh", Self::Refresh),
        ("email_verification", Self::EmailVerification),
        ("password_reset", Self::PasswordReset),
    ];
}

/// The claims of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The purpose of the token.
    pub scope: Scope,
    /// The subject: a user id in access and refresh tokens, an e-mail address in mailed tokens.
    pub subject: String,
    /// The expiry, to the second. The token is invalid from that instant on.
    pub expires_at: DateTime<Utc>,
    /// The claims that this service adds; `None` in tokens of the earlier service.
    pub own: Option<OwnClaims>,
}

/// The claims that tokens of the earlier service lack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnClaims {
    /// The time of issue, to the second.
    pub issued_at: DateTime<Utc>,
    /// A unique id, so that no two tokens are equal.
    pub token_id: String,
    /// The rider's credential version at the time of issue.
    pub credential_version: u32,
    /// The session, in refresh tokens.
    pub session_id: Option<SessionId>,
    /// The account, in mailed tokens.
    pub account: Option<MailedAccount>,
}

/// The account of a mailed token. The subject of the token is the address to which it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailedAccount {
    /// The rider.
    pub user_id: UserId,
    /// The rider's address version at the time of issue.
    pub address_version: u32,
}

impl Claims {
    /// Checks whether the token has expired.
    #[must_use]
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at <= now
    }

    /// Returns the credential version at the time of issue, 0 for tokens of the earlier service.
    ///
    /// Those tokens are older than any change of password in this service.
    #[must_use]
    pub fn credential_version(&self) -> u32 {
        self.own.as_ref().map_or(0, |own| own.credential_version)
    }
}

/// The text is not a token of this service: its format, algorithm or signature is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token of this service")]
pub struct NotAToken;

/// The port that signs and reads tokens.
pub trait TokenCodec: Send + Sync {
    /// Returns a signed token with these claims.
    fn sign(&self, claims: &Claims) -> String;

    /// Returns the claims of a token with a valid signature. It does not check the expiry.
    ///
    /// # Errors
    /// [`NotAToken`] for any other text.
    fn read(&self, token: &str) -> Result<Claims, NotAToken>;
}

/// The stored form of a refresh token or an invitation: SHA-256 of its text.
///
/// The text contains enough random bits, so a slow hash would add no security.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Returns the hash of a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// Wraps a stored hash.
    #[must_use]
    pub const fn stored(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the hash.
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
