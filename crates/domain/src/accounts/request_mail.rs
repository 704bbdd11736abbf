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

/// The time that a response to a mail request takes, whether the account exists or not.
///
/// Only a request for an existing account adds a mail to the outbox. A fixed time keeps the timing from
/// revealing which accounts exist. Where the act itself sends the mail, the response takes as long as sending
/// may take.
const ANSWER_AFTER: Duration = Duration::from_millis(150);

/// A request for a mail with a link.
#[derive(Debug, Clone)]
pub struct MailRequest {
    /// The text given as the e-mail address. It can be any text.
    pub email: EmailKey,
    /// The client that sent the request.
    pub client: Client,
}

/// Why the request was rejected before the account was looked up.
#[derive(Debug, thiserror::Error)]
pub enum RequestMailError {
    /// The client has asked for too many mails.
    #[error(transparent)]
    Limited(#[from] RateLimitError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Mails a link that verifies an address, if an unverified account has this address.
    ///
    /// Neither the response nor its timing reveals whether the account exists.
    ///
    /// # Errors
    /// [`RequestMailError`].
    pub async fn request_verification(
        self: &Arc<Self>,
        request: &MailRequest,
    ) -> Result<(), RequestMailError> {
        self.request_mail(request, MailKind::VerifyEmail).await
    }

    /// Mails a link that sets a new password, if an account has this address.
    ///
    /// Neither the response nor its timing reveals whether the account exists.
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
        // The limit counts requests, not sent mails, so a rejection reveals nothing about the account.
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
            // A rejection would reveal that the account exists.
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
