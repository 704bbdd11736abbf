use super::mailed_token::MailedTokenError;
use crate::Kairos;
use crate::store::{StoreError, UserChange};
use crate::token::Scope;
use crate::writes::is_done_uncounted;

/// The result of a valid verification link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailVerified {
    /// This link has verified the address.
    Now,
    /// The address was verified before.
    Already,
}

/// Why a verification link was rejected.
#[derive(Debug, thiserror::Error)]
pub enum VerifyEmailError {
    /// The token is malformed or expired, or was sent to an address that the account no longer has.
    #[error("not a verification link that is good")]
    InvalidToken,
    /// The account of the token no longer exists.
    #[error("the account no longer exists")]
    UserNotFound,
    /// The store failed.
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
    /// Verifies the address to which a mailed token was sent.
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
