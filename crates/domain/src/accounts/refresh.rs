use chrono::TimeDelta;

use super::SessionTokens;
use crate::Kairos;
use crate::id::{ObjectId, SessionId, UserId};
use crate::store::{PresentedToken, Rotation, RotationOutcome, StoreError};
use crate::token::{Scope, TokenHash};

/// The time for which a used refresh token stays valid in any case. Two tabs of a browser may use it at once.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// Why a refresh token was rejected.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token has expired.
    #[error("the refresh token has expired")]
    Expired,
    /// The text is not a refresh token, or its session has ended, or its rider no longer exists.
    #[error("not a refresh token that is good")]
    Invalid,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Exchanges a refresh token for a new pair of tokens.
    ///
    /// Each use returns a new refresh token, the successor. The used token stays valid for ten seconds. After
    /// that it stays valid until one of its successors is used, because the response may have been lost. Any
    /// later use counts as a theft and ends the session. A token of the earlier service begins a session on
    /// its first use.
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

/// Returns the id of the session that a token of the earlier service begins.
///
/// The id is derived from the token, so that all uses within the grace period refer to the same session.
fn session_of_earlier_token(hash: TokenHash) -> SessionId {
    let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = hash.bytes();
    SessionId(ObjectId::from_bytes([a, b, c, d, e, f, g, h, i, j, k, l]))
}
