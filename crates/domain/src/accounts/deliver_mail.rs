//! Delivery of the mails in the outbox.
//!
//! A background worker delivers them. Where no worker can run, the acts themselves do.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::Kairos;
use crate::kairos::MailsLeave;
use crate::mail::{MailError, MailKind, Message, MessageContent, OutboxMail, RetryAfter};
use crate::store::StoreError;
use crate::token::Scope;
use crate::user::User;

/// The most mails that are sent at once. A mail that hangs does not delay the others.
const AT_ONCE: usize = 16;
/// The lease of a mail, during which other workers skip it. It is longer than the timeout of any mailer.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// The delay before the first retry. Each further failure doubles it.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(5);
/// The longest delay between two attempts.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);
/// The longest delay that a provider can ask for.
const LONGEST_RETRY_AFTER: TimeDelta = TimeDelta::hours(1);
/// The age at which the worker gives a mail up.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(1);
/// The longest sleep of the worker. Another instance may have added a mail and crashed.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// The delay before the worker retries after the store has failed.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// Returns the delay before the next attempt when `attempts` of them have failed.
fn pause_after(attempts: u32) -> TimeDelta {
    let doublings = attempts.saturating_sub(1).min(10);
    (FIRST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE)
}

/// Returns the time of the next attempt: after the usual delay, or later if the provider asks for it.
fn next_attempt(now: DateTime<Utc>, attempts: u32, retry_after: Option<RetryAfter>) -> DateTime<Utc> {
    let requested = match retry_after {
        Some(RetryAfter::Delay(delay)) => TimeDelta::from_std(delay).unwrap_or(LONGEST_RETRY_AFTER),
        Some(RetryAfter::Instant(instant)) => instant - now,
        None => TimeDelta::zero(),
    };
    now + pause_after(attempts).max(requested.min(LONGEST_RETRY_AFTER))
}

impl Kairos {
    /// Sends mails when they are due, until `stop` is ready. It then waits for the mails that are being sent.
    pub async fn deliver_mail(self: Arc<Self>, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        // Each mail is sent in a task of its own. A future inside this loop is not polled while the loop
        // waits for the next lease. If it held a connection or lock of the store meanwhile, it would block
        // all other callers.
        let mut leaving = JoinSet::new();
        let mut is_failing = false;
        loop {
            let sleep = match self.lease(AT_ONCE - leaving.len()).await {
                Ok((mails, sleep)) => {
                    for mail in mails {
                        leaving.spawn(Arc::clone(&self).deliver(mail));
                    }
                    if is_failing {
                        tracing::info!("the outbox can be read again");
                    }
                    is_failing = false;
                    sleep
                }
                // The store logs a moved file itself.
                Err(StoreError::DatabaseMoved) => STORE_PAUSE,
                Err(error) => {
                    if !is_failing {
                        tracing::error!(%error, "the outbox cannot be read, retrying until it can");
                    }
                    is_failing = true;
                    STORE_PAUSE
                }
            };
            tokio::select! {
                () = &mut stop => break,
                Some(_) = leaving.join_next() => {}
                () = self.mail_is_due.notified(), if leaving.len() < AT_ONCE => {}
                () = tokio::time::sleep(sleep), if leaving.len() < AT_ONCE => {}
            }
        }
        while leaving.join_next().await.is_some() {}
    }

    /// Sends all mails that are due now, and returns when each was sent or has failed.
    ///
    /// If the caller drops the future, the mails that are being sent are aborted. They are due again when
    /// their leases expire.
    ///
    /// # Errors
    /// [`StoreError`] if the outbox cannot be read.
    pub async fn deliver_due_mail(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut leaving = JoinSet::new();
        loop {
            let (mails, _) = self.lease(AT_ONCE - leaving.len()).await?;
            for mail in mails {
                leaving.spawn(Arc::clone(self).deliver(mail));
            }
            if leaving.join_next().await.is_none() {
                return Ok(());
            }
        }
    }

    /// Has the mails delivered that an act, begun at `began`, has added to the outbox.
    pub(super) async fn see_to_mails(self: &Arc<Self>, began: Instant) {
        match self.settings.mails_leave {
            MailsLeave::InTheBackground => self.mail_is_due.notify_one(),
            MailsLeave::BeforeTheActEnds { within } => {
                match timeout_at(began + within, self.deliver_due_mail()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::error!(%error, "the outbox cannot be read"),
                    Err(_) => tracing::warn!("mail not sent in time, it will be retried"),
                }
            }
        }
    }

    /// Leases due mails and returns them with the time until the next mail is due.
    async fn lease(&self, limit: usize) -> Result<(Vec<OutboxMail>, Duration), StoreError> {
        let Ok(limit @ 1..) = u32::try_from(limit) else {
            return Ok((Vec::new(), LONGEST_SLEEP));
        };
        let now = self.clock.now();
        let mails = self.store.lease_due_mails(now, now + LEASE, limit).await?;
        let next = self.store.next_mail_due().await?;
        let sleep = next.map_or(LONGEST_SLEEP, |due| (due - now).to_std().unwrap_or_default());
        // The minimum prevents a busy loop while another worker leases the due mail first.
        Ok((mails, sleep.clamp(Duration::from_millis(50), LONGEST_SLEEP)))
    }

    /// Sends one mail. If that fails, the mail stays in the outbox.
    async fn deliver(self: Arc<Self>, mail: OutboxMail) {
        if let Err(error) = self.try_to_deliver(&mail).await {
            // The mail is due again when its lease expires.
            tracing::error!(%error, mail.id = %mail.id, "the outbox cannot be written");
        }
    }

    async fn try_to_deliver(&self, mail: &OutboxMail) -> Result<(), StoreError> {
        let now = self.clock.now();
        let user = self.store.user(mail.user_id).await?;
        let Some(message) = user.and_then(|user| self.compose(mail, &user, now)) else {
            tracing::debug!(mail.id = %mail.id, mail.kind = mail.kind.as_str(), "mail is obsolete, deleting it");
            return self.store.remove_mail(mail.id).await;
        };
        match self.mailer.send(&message).await {
            Ok(()) => {
                count(mail, "sent");
                tracing::info!(mail.id = %mail.id, mail.kind = mail.kind.as_str(), user.id = %mail.user_id, "mail sent");
                self.store.remove_mail(mail.id).await
            }
            Err(error @ MailError::Permanent(_)) => {
                count(mail, "refused");
                tracing::warn!(
                    %error,
                    mail.id = %mail.id,
                    mail.kind = mail.kind.as_str(),
                    user.id = %mail.user_id,
                    "mail refused for good, not retrying"
                );
                self.store.remove_mail(mail.id).await
            }
            Err(error) if now - mail.created_at >= GIVE_UP_AFTER => {
                count(mail, "given up");
                tracing::error!(%error, mail.id = %mail.id, user.id = %mail.user_id, "mail given up");
                self.store.remove_mail(mail.id).await
            }
            Err(MailError::Transient { cause, retry_after }) => {
                count(mail, "failed");
                let next = next_attempt(self.clock.now(), mail.attempts, retry_after);
                self.store.postpone_mail(mail.id, next).await?;
                tracing::warn!(error = %cause, mail.id = %mail.id, attempts = mail.attempts, "mail not sent, it will be tried again");
                Ok(())
            }
        }
    }

    /// Composes the mail with a fresh token. Returns `None` if the mail is obsolete.
    fn compose(&self, mail: &OutboxMail, user: &User, now: DateTime<Utc>) -> Option<Message> {
        let goes_to_present_address = user.email.key() == mail.to.key();
        let lifetimes = self.settings.lifetimes;
        let link = |page: &str, scope, lifetime: TimeDelta| {
            let token = self.make_mailed_token(user, scope, lifetime, now);
            format!("{}/{page}?token={token}", self.settings.frontend_url)
        };
        let minutes = |lifetime: TimeDelta| lifetime.num_minutes().unsigned_abs();
        let content = match mail.kind {
            MailKind::VerifyEmail if goes_to_present_address && !user.is_verified => {
                let lifetime = lifetimes.verification;
                let link = link("verify", Scope::EmailVerification, lifetime);
                MessageContent::VerifyEmail {
                    link,
                    valid_minutes: minutes(lifetime),
                }
            }
            MailKind::ResetPassword if goes_to_present_address => {
                let lifetime = lifetimes.password_reset;
                let link = link("reset-password", Scope::PasswordReset, lifetime);
                MessageContent::ResetPassword {
                    link,
                    valid_minutes: minutes(lifetime),
                }
            }
            MailKind::AddressChanged => MessageContent::AddressChanged,
            MailKind::VerifyEmail | MailKind::ResetPassword => return None,
        };
        // Only a password reset may name the rider, because other mails can go to an unverified address.
        let is_to_verified_address = mail.kind == MailKind::ResetPassword && user.is_verified;
        Some(Message {
            id: mail.id,
            to: mail.to.clone(),
            rider_name: is_to_verified_address.then(|| user.name.clone()),
            content,
        })
    }
}

/// Increments the counter of mails with this outcome.
fn count(mail: &OutboxMail, outcome: &'static str) {
    metrics::counter!("kairos_mails_total", "kind" => mail.kind.as_str(), "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let pauses: Vec<_> = (1..=9)
            .map(|attempts| pause_after(attempts).num_seconds())
            .collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        assert_eq!(pause_after(u32::MAX).num_seconds(), 300);
    }
    #[test]
    fn a_provider_can_postpone_the_next_attempt_by_an_hour_at_most() {
        let now = DateTime::UNIX_EPOCH;
        let delay = |seconds| Some(RetryAfter::Delay(Duration::from_secs(seconds)));
        let instant = |seconds| Some(RetryAfter::Instant(now + TimeDelta::seconds(seconds)));
        for (attempts, retry_after, seconds) in [
            (1, None, 5),
            (1, delay(0), 5),
            (1, delay(90), 90),
            (7, delay(90), 300),
            (1, delay(3600), 3600),
            (1, delay(3601), 3600),
            (1, delay(u64::MAX), 3600),
            (1, instant(90), 90),
            (1, instant(-90), 5),
            (1, instant(7200), 3600),
        ] {
            let next = next_attempt(now, attempts, retry_after);
            assert_eq!((next - now).num_seconds(), seconds, "{attempts}, {retry_after:?}");
        }
    }
}
