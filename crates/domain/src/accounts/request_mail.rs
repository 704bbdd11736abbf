use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::rate_limits::mails_to;
use crate::Kairos;
use crate::client::Client;
use crate::email_address::EmailKey;
use crate::id::MailId;
use crate::kairos::MailsLeave;
use crate::mail::{MailKind, OutboxMail};
use crate::rate_limiter::RateLimitError;
use crate::store::StoreError;

/// How long the answer to a request for a mail takes, whether there is an account or not. Only the first case writes
/// a mail down, and how long that takes must not tell. Where it sends it, too, the answer takes as long as that may take.
const ANSWER_AFTER: Duration = Duration::from_millis(150);

/// Somebody asks for a mail with a link.
#[derive(Debug, Clone)]
pub struct MailRequest {
    /// What was given as the e-mail address; it may be anything.
    pub email: EmailKey,
    /// Who asks.
    pub client: Client,
}

/// Why the request was rejected before the account was looked up.
#[derive(Debug, thiserror::Error)]
pub enum RequestMailError {
    /// The client has asked for too many mails.
    #[error(transparent)]
    Limited(#[from] RateLimitError),
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Mails a link that verifies an address, if there is an account with it that needs one. Whether there is is not
    /// told, neither by the answer nor by its time.
    ///
    /// # Errors
    /// [`RequestMailError`].
    pub async fn request_verification(
        self: &Arc<Self>,
        request: &MailRequest,
    ) -> Result<(), RequestMailError> {
        self.request_mail(request, MailKind::VerifyEmail).await
    }

    /// Mails a link that sets a new password, if there is an account with this address. Whether there is is not told,
    /// neither by the answer nor by its time.
    ///
    /// # Errors
    /// [`RequestMailError`].
    pub async fn request_password_reset(
        self: &Arc<Self>,
        request: &MailRequest,
    ) -> Result<(), RequestMailError> {
        self.request_mail(request, MailKind::ResetPassword).await
    }

    async fn request_mail(
        self: &Arc<Self>,
        request: &MailRequest,
        kind: MailKind,
    ) -> Result<(), RequestMailError> {
        // Requests count, not mails that are sent, so the refusal tells nothing about the account.
        self.rate_limiter
            .try_acquire_mail_request(&request.email, request.client)
            .await?;
        let began = Instant::now();
        let answer_after = match self.settings.mails_leave {
            MailsLeave::InTheBackground => ANSWER_AFTER,
            MailsLeave::BeforeTheActEnds { within } => within,
        };
        let (result, ()) = tokio::join!(
            self.mail_if_due(&request.email, kind, began),
            sleep_until(began + answer_after)
        );
        Ok(result?)
    }

    async fn mail_if_due(
        self: &Arc<Self>,
        key: &EmailKey,
        kind: MailKind,
        began: Instant,
    ) -> Result<(), StoreError> {
        let Some(user) = self.store.user_by_email(key).await? else {
            return Ok(());
        };
        if kind == MailKind::VerifyEmail && user.is_verified {
            return Ok(());
        }
        match self.rate_limiter.try_acquire(&[mails_to(key, kind)]).await {
            Ok(()) => {}
            // A refusal would tell that there is an account.
            Err(RateLimitError::Reached(_)) => return Ok(()),
            Err(RateLimitError::Store(error)) => return Err(error),
        }
        let now = self.clock.now();
        let mail = OutboxMail {
            id: MailId(self.new_id(now)),
            user_id: user.id,
            to: user.email,
            kind,
            created_at: now,
            attempts: 0,
        };
        if self.store.enqueue_mail(&mail).await? {
            self.see_to_mails(began).await;
        }
        Ok(())
    }
}
