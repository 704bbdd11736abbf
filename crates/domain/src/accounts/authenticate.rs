use crate::Kairos;
use crate::id::UserId;
use crate::store::StoreError;
use crate::token::Scope;
use crate::user::User;

/// Why an access token does not admit.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// It is no access token of this service.
    #[error("not an access token")]
    InvalidToken,
    /// It was one, and has ended.
    #[error("the access token has expired")]
    Expired,
    /// Its rider no longer exists.
    #[error("the rider no longer exists")]
    UserNotFound,
    /// It is from before its rider's last change of password.
    #[error("the access token is older than the password")]
    Revoked,
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Finds the rider whom an access token speaks for.
    ///
    /// # Errors
    /// In this order: [`InvalidToken`](AuthenticateError::InvalidToken), [`Expired`](AuthenticateError::Expired),
    /// [`UserNotFound`](AuthenticateError::UserNotFound), [`Revoked`](AuthenticateError::Revoked).
    pub async fn authenticate(&self, token: &str) -> Result<User, AuthenticateError> {
        let claims = self
            .tokens
            .read(token)
            .map_err(|_| AuthenticateError::InvalidToken)?;
        if claims.scope != Scope::Access {
            return Err(AuthenticateError::InvalidToken);
        }
        let id: UserId = claims
            .subject
            .parse()
            .map_err(|_| AuthenticateError::InvalidToken)?;
        if claims.has_expired(self.clock.now()) {
            return Err(AuthenticateError::Expired);
        }
        let user = self
            .store
            .user(id)
            .await?
            .ok_or(AuthenticateError::UserNotFound)?;
        if claims.credential_version() != user.credential_version {
            return Err(AuthenticateError::Revoked);
        }
        Ok(user)
    }
}
