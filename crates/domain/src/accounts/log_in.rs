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
    /// What was given as the e-mail address; it may be anything.
    pub email: EmailKey,
    /// What was given as the password.
    pub password: PasswordAttempt,
    /// Who tries.
    pub client: Client,
}

/// Why a log-in failed.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// There is no account with this address and this password. Which of both is wrong is not told.
    #[error("wrong address or password")]
    WrongCredentials,
    /// The client has logged in too often.
    #[error(transparent)]
    Limited(#[from] RateLimitError),
    /// It was not decided whether the password is right.
    #[error(transparent)]
    NotChecked(#[from] CheckPasswordError),
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Begins a session for whoever knows an account's address and password. An unknown address takes as long as a known
    /// one.
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
