use super::mailed_token::MailedTokenError;
use crate::Kairos;
use crate::client::Client;
use crate::password::{HashingError, NewPassword};
use crate::store::StoreError;
use crate::token::Scope;

/// A new password, set through a mailed reset link.
#[derive(Debug, Clone)]
pub struct ResetPassword {
    /// The token in the reset link.
    pub token: String,
    /// The new password.
    pub new_password: NewPassword,
    /// The client that sent the request.
    pub client: Client,
}

/// Why a password was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// The token is malformed, expired or used, or is older than the account's password or address.
    #[error("not a reset link that is good")]
    InvalidToken,
    /// The account of the token no longer exists.
    #[error("the account no longer exists")]
    UserNotFound,
    /// The new password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<MailedTokenError> for ResetPasswordError {
    fn from(error: MailedTokenError) -> Self {
        match error {
            MailedTokenError::Invalid => Self::InvalidToken,
            MailedTokenError::UserNotFound => Self::UserNotFound,
            MailedTokenError::Store(error) => Self::Store(error),
        }
    }
}

impl Kairos {
    /// Sets a new password by a mailed token.
    ///
    /// The change raises the credential version of the account. This invalidates all sessions, access tokens
    /// and reset links from before, including this link. The account then knows the client. The rider can
    /// therefore log in although strangers have reached the limit of failed log-ins.
    ///
    /// # Errors
    /// [`ResetPasswordError`].
    pub async fn reset_password(&self, reset: ResetPassword) -> Result<(), ResetPasswordError> {
        let (user, claims) = self.read_mailed_token(&reset.token, Scope::PasswordReset).await?;
        if claims.credential_version() != user.credential_version {
            return Err(ResetPasswordError::InvalidToken);
        }
        let password = self.passwords.hash(reset.client, reset.new_password).await?;
        let user = self
            .set_password(user, password)
            .await?
            .ok_or(ResetPasswordError::InvalidToken)?;
        let remembered = self
            .rate_limiter
            .remember_client(&user.email.key(), reset.client)
            .await;
        if let Err(error) = remembered {
            // The new password is already stored, so the reset has succeeded.
            tracing::warn!(%error, "could not mark the client as known");
        }
        Ok(())
    }
}
