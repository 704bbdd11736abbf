use crate::Kairos;
use crate::id::UserId;
use crate::store::{PresentedToken, StoreError};
use crate::token::{Scope, TokenHash};

impl Kairos {
    /// Ends the session of a refresh token.
    ///
    /// An invalid or expired token is not an error, because its holder has no session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_out(&self, refresh_token: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        let Ok(claims) = self.tokens.read(refresh_token) else {
            return Ok(());
        };
        let Ok(user_id) = claims.subject.parse::<UserId>() else {
            return Ok(());
        };
        if claims.scope != Scope::Refresh || claims.has_expired(now) {
            return Ok(());
        }
        let token = PresentedToken {
            hash: TokenHash::of(refresh_token),
            session_id: claims.own.and_then(|own| own.session_id),
            expires_at: claims.expires_at,
        };
        self.store.end_session(&token, user_id, now).await
    }
}
