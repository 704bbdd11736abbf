use crate::Kairos;
use crate::client::Client;
use crate::email_address::EmailKey;
use crate::password::{HashingError, PasswordAttempt, PasswordHash};
use crate::rate_limiter::RateLimitError;
use crate::store::StoreError;

/// Why a password check gave no result.
#[derive(Debug, thiserror::Error)]
pub enum CheckPasswordError {
    /// A limit of failed log-ins is reached.
    #[error(transparent)]
    Limited(#[from] RateLimitError),
    /// The password could not be compared with the hash.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Checks a password against the hash of an account, and counts a failed attempt.
    ///
    /// `hash` is `None` if the account does not exist.
    ///
    /// Once a limit is reached, every attempt is rejected unseen, including attempts that are under way.
    /// Parallel guesses therefore gain nothing. A right password counts against none of these limits.
    pub(super) async fn check_password(
        &self,
        email: &EmailKey,
        client: Client,
        attempt: PasswordAttempt,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, CheckPasswordError> {
        let limiter = &self.rate_limiter;
        let limits = limiter.limits_of_failed_log_ins(email, client).await?;
        limiter.check(&limits).await?;
        let is_right = self.passwords.verify(client, attempt, hash).await?;
        if is_right {
            limiter.check(&limits).await?;
            limiter.remember_client(email, client).await?;
        } else {
            limiter.try_acquire(&limits).await?;
        }
        Ok(is_right)
    }
}
