use chrono::TimeDelta;

use super::SessionTokens;
use crate::Kairos;
use crate::id::{ObjectId, SessionId, UserId};
use crate::store::{PresentedToken, Rotation, RotationOutcome, StoreError};
use crate::token::{Scope, TokenHash};

/// How long a used refresh token is good whether its successors were used or not: two tabs may use it at once.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// Why a refresh token was refused.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// It was good once, and its time is over.
    #[error("the refresh token has expired")]
    Expired,
    /// It is no refresh token, its session has ended, or its rider is gone.
    #[error("not a refresh token that is good")]
    Invalid,
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Trades a refresh token for a new pair of tokens.
    ///
    /// Each use gives a new refresh token. The one before is good for ten seconds more, and then as long as none of its
    /// successors was used: the answer may have been lost. Its use after that looks like a theft, and ends the
    /// session. A token of the earlier service begins a session on its first use.
    ///
    /// # Errors
    /// [`RefreshError`].
    pub async fn refresh(&self, refresh_token: &str) -> Result<SessionTokens, RefreshError> {
        let now = self.clock.now();
        let claims = self
            .tokens
            .read(refresh_token)
            .map_err(|_| RefreshError::Invalid)?;
        if claims.scope != Scope::Refresh {
            return Err(RefreshError::Invalid);
        }
        let user_id: UserId = claims.subject.parse().map_err(|_| RefreshError::Invalid)?;
        if claims.has_expired(now) {
            return Err(RefreshError::Expired);
        }
        let user = self.store.user(user_id).await?.ok_or(RefreshError::Invalid)?;
        if claims.credential_version() != user.credential_version {
            return Err(RefreshError::Invalid);
        }
        let named = match &claims.own {
            Some(own) => Some(own.session_id.ok_or(RefreshError::Invalid)?),
            None => None,
        };
        let hash = TokenHash::of(refresh_token);
        let session_id = named.unwrap_or_else(|| session_of_earlier_token(hash));
        let (tokens, expires_at) = self.make_session_tokens(&user, session_id, now);
        let rotation = Rotation {
            user_id,
            presented: PresentedToken {
                hash,
                session_id: named,
                expires_at: claims.expires_at,
            },
            session_id,
            successor: TokenHash::of(&tokens.refresh_token),
            expires_at,
            grace: GRACE,
            now,
        };
        match self.store.rotate_refresh_token(&rotation).await? {
            RotationOutcome::Rotated => Ok(tokens),
            RotationOutcome::Refused => Err(RefreshError::Invalid),
        }
    }
}

/// The id of the session that a token of the earlier service begins. It follows from the token, so that all its uses within the grace
/// name one session.
fn session_of_earlier_token(hash: TokenHash) -> SessionId {
    let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = hash.bytes();
    SessionId(ObjectId::from_bytes([a, b, c, d, e, f, g, h, i, j, k, l]))
}
