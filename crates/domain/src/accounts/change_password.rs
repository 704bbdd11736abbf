use super::{CheckPasswordError, SessionTokens};
use crate::Kairos;
use crate::client::Client;
use crate::password::{HashingError, NewPassword, PasswordAttempt, PasswordHash};
use crate::store::{StoreError, UserChange};
use crate::user::User;
use crate::writes::is_done_uncounted;

/// A change of the password by a rider who gives the present one.
#[derive(Debug, Clone)]
pub struct ChangeOwnPassword {
    /// The text given as the present password.
    pub current: PasswordAttempt,
    /// The new password.
    pub new: NewPassword,
    /// The client that sent the request.
    pub client: Client,
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The given password is not the present one, perhaps because a concurrent request has just changed it.
    #[error("the present password is another one")]
    IncorrectPassword,
    /// The password check gave no result.
    #[error(transparent)]
    NotChecked(#[from] CheckPasswordError),
    /// The new password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Changes a rider's password, ends all their sessions and begins a new one.
    ///
    /// A wrong present password counts as a failed log-in. A stolen access token therefore does not help to
    /// guess the password.
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
        let password = self.passwords.hash(change.client, change.new).await?;
        let rider = self
            .set_password(rider.clone(), password)
            .await?
            .ok_or(ChangePasswordError::IncorrectPassword)?;
        Ok(self.begin_session(&rider).await?)
    }

    /// Sets a password, ends all sessions and returns the changed account.
    ///
    /// Returns `None` if another password was set meanwhile, or if the account is gone.
    pub(super) async fn set_password(
        &self,
        mut before: User,
        password: PasswordHash,
    ) -> Result<Option<User>, StoreError> {
        let expected_version = before.credential_version;
        loop {
            let after = User {
                password: password.clone(),
                credential_version: expected_version + 1,
                ..before.clone()
            };
            let change = UserChange {
                before,
                after,
                mails: Vec::new(),
            };
            if is_done_uncounted(self.store.replace_user(&change, None).await)? {
                return Ok(Some(change.after));
            }
            match self.store.user(change.before.id).await? {
                Some(user) if user.credential_version == expected_version => before = user,
                _ => return Ok(None),
            }
        }
    }
}
