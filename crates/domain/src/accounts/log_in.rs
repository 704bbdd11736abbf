use super::rate_limits::log_ins_from;
use super::{CheckPasswordError, SessionTokens};
use crate::Kairos;
use crate::client::Client;
use crate::email_address::EmailKey;
use crate::password::PasswordAttempt;
use crate::rate_limiter::RateLimitError;
use crate::store::StoreError;

/// An attempt to log in.
#[derive(Debug, Clone)]
pub struct LogIn {
    /// The text given as the e-mail address. It can be any text.
    pub email: EmailKey,
    /// The text given as the password.
    pub password: PasswordAttempt,
    /// The client that sent the attempt.
    pub client: Client,
}

/// Why a log-in failed.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// No account has this address and this password. The error does not reveal which of the two is wrong.
    #[error("wrong address or password")]
    WrongCredentials,
    /// The client has logged in too often.
    #[error(transparent)]
    Limited(#[from] RateLimitError),
    /// The password check gave no result.
    #[error(transparent)]
    NotChecked(#[from] CheckPasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Begins a session for a client that gives an account's address and password.
    ///
    /// An unknown address takes as long as a known one.
    ///
    /// # Errors
    /// [`LogInError`].
    pub async fn log_in(&self, log_in: LogIn) -> Result<SessionTokens, LogInError> {
        let limits = [log_ins_from(log_in.client)];
        self.rate_limiter.check(&limits).await?;
        let user = self.store.user_by_email(&log_in.email).await?;
        let hash = user.as_ref().map(|user| &user.password);
        let matches = self
            .check_password(&log_in.email, log_in.client, log_in.password, hash)
            .await?;
        let user = user.filter(|_| matches).ok_or(LogInError::WrongCredentials)?;
        self.rate_limiter.try_acquire(&limits).await?;
        Ok(self.begin_session(&user).await?)
    }
}
