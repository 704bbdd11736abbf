use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreError;
use crate::id::MailId;
use crate::mail::OutboxMail;

/// Mails that wait to leave. They come here with the act they belong to, and go when they were sent.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Puts a mail in, due at once. Says `false`, and adds nothing, if its rider is gone.
    async fn enqueue_mail(&self, mail: &OutboxMail) -> Result<bool, StoreError>;

    /// Takes up to `limit` mails that are due at `now`, longest due first, counts the attempt (the mails come back with it
    /// counted), and keeps them from every other caller until `until`. A mail is due when it is new, when its pause is over,
    /// or when the lease of somebody who died has run out.
    async fn lease_due_mails(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StoreError>;

    /// Lets a leased mail rest until `due_at`.
    async fn postpone_mail(&self, id: MailId, due_at: DateTime<Utc>) -> Result<(), StoreError>;

    /// Removes a mail that was sent or given up; it is no error if it is gone.
    async fn remove_mail(&self, id: MailId) -> Result<(), StoreError>;

    /// When the next mail is due, leased ones by the end of their lease; `None` when the outbox is empty.
    async fn next_mail_due(&self) -> Result<Option<DateTime<Utc>>, StoreError>;
}
