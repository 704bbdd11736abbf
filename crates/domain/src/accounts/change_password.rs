use super::{CheckPasswordError, SessionTokens};
use crate::Kairos;
use crate::client::Client;
use crate::password::{NewPassword, PasswordAttempt, PasswordQueueFull};
use crate::store::{PasswordChange, StoreError};
use crate::user::User;

/// A new password for whoever knows the old one.
#[derive(Debug, Clone)]
pub struct ChangeOwnPassword {
    /// What was given as the present password.
    pub current: PasswordAttempt,
    /// The password to be.
    pub new: NewPassword,
    /// Who asks.
    pub client: Client,
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The present password is another one, perhaps since a moment ago.
    #[error("the present password is another one")]
    IncorrectPassword,
    /// The present password was not even checked.
    #[error(transparent)]
    NotChecked(#[from] CheckPasswordError),
    /// Too many passwords wait to be hashed.
    #[error(transparent)]
    Busy(#[from] PasswordQueueFull),
    /// The store could not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Changes a rider's password, ends all their sessions and begins a new one. A wrong present password is a failed log-in: a stolen access
    /// token is no way to guess it.
    ///
    /// # Errors
    /// [`ChangePasswordError`].
    pub async fn change_own_password(
        &self,
        rider: &User,
        change: ChangeOwnPassword,
    ) -> Result<SessionTokens, ChangePasswordError> {
        let is_current = self
            .check_password(
                &rider.email.key(),
                change.client,
                change.current,
                Some(&rider.password),
            )
            .await?;
        if !is_current {
            return Err(ChangePasswordError::IncorrectPassword);
        }
        let password = self.passwords.hash(change.new).await?;
        let expected_version = rider.credential_version;
        let change = PasswordChange {
            user_id: rider.id,
            expected_version,
            password,
        };
        if !self.store.change_password(&change).await? {
            return Err(ChangePasswordError::IncorrectPassword);
        }
        let rider = User {
            credential_version: expected_version + 1,
            ..rider.clone()
        };
        Ok(self.begin_session(&rider).await?)
    }
}
