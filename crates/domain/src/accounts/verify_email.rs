use super::mailed_token::MailedTokenError;
use crate::Kairos;
use crate::store::{StoreError, UserChange};
use crate::token::Scope;
use crate::writes::is_done_uncounted;

/// How a good verification link ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailVerified {
    /// The address is verified from now on.
    Now,
    /// It was before.
    Already,
}

/// Why a verification link was refused.
#[derive(Debug, thiserror::Error)]
pub enum VerifyEmailError {
    /// It is no such link, has ended, or went to an address that the account no longer has.
    #[error("not a verification link that is good")]
    InvalidToken,
    /// Its account is gone.
    #[error("the account no longer exists")]
    UserNotFound,
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<MailedTokenError> for VerifyEmailError {
    fn from(error: MailedTokenError) -> Self {
        match error {
            MailedTokenError::Invalid => Self::InvalidToken,
            MailedTokenError::UserNotFound => Self::UserNotFound,
            MailedTokenError::Store(error) => Self::Store(error),
        }
    }
}

impl Kairos {
    /// Verifies the address that a mailed token went to.
    ///
    /// # Errors
    /// [`VerifyEmailError`].
    pub async fn verify_email(&self, token: &str) -> Result<EmailVerified, VerifyEmailError> {
        loop {
            let (before, _) = self.read_mailed_token(token, Scope::EmailVerification).await?;
            if before.is_verified {
                return Ok(EmailVerified::Already);
            }
            let change = UserChange::verification(before);
            if is_done_uncounted(self.store.replace_user(&change, None).await)? {
                return Ok(EmailVerified::Now);
            }
        }
    }
}
