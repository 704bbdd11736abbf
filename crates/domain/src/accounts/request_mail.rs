use std::time::Duration;

use crate::Kairos;
use crate::email_address::EmailAddress;
use crate::id::MailId;
use crate::mail::{MailKind, OutboxMail};
use crate::store::StoreError;

/// How long the answer to a request for a mail takes, whether there is an account or not. Only the first case writes
/// something, and how long that takes must not tell.
const ANSWER_AFTER: Duration = Duration::from_millis(150);

impl Kairos {
    /// Mails a link that verifies an address, if there is an account with it that needs one. Whether there is is not
    /// told, neither by the answer nor by its time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn request_verification(&self, email: &EmailAddress) -> Result<(), StoreError> {
        self.request_mail(email, MailKind::VerifyEmail).await
    }

    /// Mails a link that sets a new password, if there is an account with this address. Whether there is is not told,
    /// neither by the answer nor by its time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn request_password_reset(&self, email: &EmailAddress) -> Result<(), StoreError> {
        self.request_mail(email, MailKind::ResetPassword).await
    }

    async fn request_mail(&self, email: &EmailAddress, kind: MailKind) -> Result<(), StoreError> {
        let enqueued = async {
            let Some(user) = self.store.user_by_email(&email.key()).await? else {
                return Ok(());
            };
            if kind == MailKind::VerifyEmail && user.is_verified {
                return Ok(());
            }
            let now = self.clock.now();
            let id = MailId(self.new_id(now));
            let mail = OutboxMail {
                id,
                user_id: user.id,
                to: user.email,
                kind,
                created_at: now,
                attempts: 0,
            };
            if self.store.enqueue_mail(&mail).await? {
                self.mail_is_due.notify_one();
            }
            Ok(())
        };
        let (result, ()) = tokio::join!(enqueued, tokio::time::sleep(ANSWER_AFTER));
        result
    }
}
