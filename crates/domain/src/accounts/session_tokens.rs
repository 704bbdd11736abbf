use std::fmt;

use chrono::{DateTime, Utc};

use crate::id::SessionId;
use crate::store::{NewSession, StoreError};
use crate::token::{Claims, OwnClaims, Scope, TokenHash};
use crate::user::User;
use crate::{Kairos, TokenLifetimes};

/// The tokens of a signed-in client.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionTokens {
    /// Authorises requests to the API, for as long as `lifetimes.access`.
    pub access_token: String,
    /// Can be exchanged for a new pair, within `lifetimes.refresh`.
    pub refresh_token: String,
    /// The lifetimes of both tokens.
    pub lifetimes: TokenLifetimes,
}

impl fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionTokens(…)")
    }
}

impl Kairos {
    /// Begins a session and returns its first tokens.
    pub(super) async fn begin_session(&self, user: &User) -> Result<SessionTokens, StoreError> {
        let now = self.clock.now();
        let id = SessionId(self.new_id(now));
        let (tokens, expires_at) = self.make_session_tokens(user, id, now);
        let token = TokenHash::of(&tokens.refresh_token);
        self.store
            .start_session(&NewSession {
                id,
                user_id: user.id,
                token,
                created_at: now,
                expires_at,
            })
            .await?;
        Ok(tokens)
    }

    /// Returns a pair of tokens for a session, with the expiry of the refresh token.
    pub(super) fn make_session_tokens(
        &self,
        user: &User,
        session_id: SessionId,
        now: DateTime<Utc>,
    ) -> (SessionTokens, DateTime<Utc>) {
        let lifetimes = self.settings.lifetimes;
        let expires_at = now + lifetimes.refresh;
        let claims = |scope, expires_at, session_id| Claims {
            scope,
            subject: user.id.to_string(),
            expires_at,
            own: Some(OwnClaims {
                issued_at: now,
                token_id: self.new_token_id(),
                credential_version: user.credential_version,
                session_id,
                account: None,
            }),
        };
        let tokens = SessionTokens {
            access_token: self
                .tokens
                .sign(&claims(Scope::Access, now + lifetimes.access, None)),
            refresh_token: self
                .tokens
                .sign(&claims(Scope::Refresh, expires_at, Some(session_id))),
            lifetimes,
        };
        (tokens, expires_at)
    }

    /// Returns 128 random bits in hexadecimal.
    pub(super) fn new_token_id(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.randomness.bytes()))
    }
}
