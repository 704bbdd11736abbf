use crate::Kairos;
use crate::id::UserId;
use crate::store::StoreError;
use crate::token::Scope;
use crate::user::User;

/// Why an access token was rejected.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The text is not an access token of this service.
    #[error("not an access token")]
    InvalidToken,
    /// The token has expired.
    #[error("the access token has expired")]
    Expired,
    /// The rider of the token no longer exists.
    #[error("the rider no longer exists")]
    UserNotFound,
    /// The token is older than the rider's last change of password.
    #[error("the access token is older than the password")]
    Revoked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An access token with a valid signature that has not expired.
///
/// Only the store knows whether the rider exists and has changed the password since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessToken {
    user_id: UserId,
    credential_version: u32,
}

/// Why an act that was authorised by an access token failed.
#[derive(Debug, thiserror::Error)]
pub enum TokenActError<E> {
    /// The token was rejected.
    #[error(transparent)]
    Authenticate(#[from] AuthenticateError),
    /// The act itself failed.
    #[error(transparent)]
    Act(E),
}

impl AccessToken {
    /// Returns the id of the rider who holds the token.
    #[must_use]
    pub const fn user_id(self) -> UserId {
        self.user_id
    }

    /// Checks the token against the rider's stored account.
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
    /// Checks everything about a token that needs no store: its signature, scope and expiry.
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

    /// Returns the rider who holds an access token.
    ///
    /// # Errors
    /// [`UserNotFound`](AuthenticateError::UserNotFound), then [`Revoked`](AuthenticateError::Revoked).
    pub async fn authenticate(&self, token: AccessToken) -> Result<User, AuthenticateError> {
        token.admit(self.store.user(token.user_id).await?)
    }
}
