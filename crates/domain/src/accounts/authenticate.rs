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

/// An access token that is valid by itself. Only the store knows whether its rider exists, and still has the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessToken {
    user_id: UserId,
    credential_version: u32,
}

/// Why an act of a token's rider failed.
#[derive(Debug, thiserror::Error)]
pub enum TokenActError<E> {
    /// The token does not admit.
    #[error(transparent)]
    Authenticate(#[from] AuthenticateError),
    /// The act was refused.
    #[error(transparent)]
    Act(E),
}

impl AccessToken {
    /// The rider that the token speaks for.
    #[must_use]
    pub const fn user_id(self) -> UserId {
        self.user_id
    }

    /// Admits the token's rider, as the store has found them.
    pub(crate) fn admit(self, rider: Option<User>) -> Result<User, AuthenticateError> {
        match rider {
            None => Err(AuthenticateError::UserNotFound),
            Some(rider) if rider.credential_version != self.credential_version => {
                Err(AuthenticateError::Revoked)
            }
            Some(rider) => Ok(rider),
        }
    }
}

impl Kairos {
    /// Checks a token as far as that needs no store.
    ///
    /// # Errors
    /// [`InvalidToken`](AuthenticateError::InvalidToken), then [`Expired`](AuthenticateError::Expired).
    pub fn check_access_token(&self, token: &str) -> Result<AccessToken, AuthenticateError> {
        let claims = self
            .tokens
            .read(token)
            .map_err(|_| AuthenticateError::InvalidToken)?;
        if claims.scope != Scope::Access {
            return Err(AuthenticateError::InvalidToken);
        }
        let user_id = claims
            .subject
            .parse()
            .map_err(|_| AuthenticateError::InvalidToken)?;
        if claims.has_expired(self.clock.now()) {
            return Err(AuthenticateError::Expired);
        }
        Ok(AccessToken {
            user_id,
            credential_version: claims.credential_version(),
        })
    }

    /// Finds the rider whom an access token speaks for.
    ///
    /// # Errors
    /// [`UserNotFound`](AuthenticateError::UserNotFound), then [`Revoked`](AuthenticateError::Revoked).
    pub async fn authenticate(&self, token: AccessToken) -> Result<User, AuthenticateError> {
        token.admit(self.store.user(token.user_id).await?)
    }
}
