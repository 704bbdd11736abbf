use super::mailed_token::MailedTokenError;
use crate::Kairos;
use crate::client::Client;
use crate::password::{HashingError, NewPassword};
use crate::store::StoreError;
use crate::token::Scope;

/// A new password for whoever received a reset link.
#[derive(Debug, Clone)]
pub struct ResetPassword {
    /// The token of the link.
    pub token: String,
    /// The password to be.
    pub new_password: NewPassword,
    /// Who asks.
    pub client: Client,
}

/// Why a password was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// The link is none, has ended, was used, or is older than the password or the address.
    #[error("not a reset link that is good")]
    InvalidToken,
    /// Its account is gone.
    #[error("the account no longer exists")]
    UserNotFound,
    /// The new password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store could not say.
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
    /// Sets a new password by a mailed token. All sessions, access tokens and reset links from before it are dead then,
    /// this link too: each carries the credential version, which the change raises. Whoever received the link can log in with the new password,
    /// however many strangers are guessing.
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
            // The new password counts already.
            tracing::warn!(%error, "a client was not remembered");
        }
        Ok(())
    }
}
