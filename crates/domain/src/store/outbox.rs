use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreError;
use crate::id::MailId;
use crate::mail::OutboxMail;

/// The queue of mails to send. The act that causes a mail adds it, and the worker removes it after sending.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Adds a mail that is due at once. Returns `false`, and adds nothing, if its rider is gone.
    async fn enqueue_mail(&self, mail: &OutboxMail) -> Result<bool, StoreError>;

    /// Leases up to `limit` mails that are due at `now` until `until`, longest due first.
    ///
    /// No other call leases these mails before `until`. Each lease counts as an attempt, and the returned
    /// mails include it in their count. A mail is due when it is new, when its delay is over, or when the
    /// lease of a crashed worker has expired.
    async fn lease_due_mails(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StoreError>;

    /// Postpones a leased mail until `due_at`.
    async fn postpone_mail(&self, id: MailId, due_at: DateTime<Utc>) -> Result<(), StoreError>;

    /// Removes a mail that was sent or given up. A missing mail is not an error.
    async fn remove_mail(&self, id: MailId) -> Result<(), StoreError>;

    /// Returns the time at which the next mail is due, or `None` if the outbox is empty.
    ///
    /// A leased mail is due at the end of its lease.
    async fn next_mail_due(&self) -> Result<Option<DateTime<Utc>>, StoreError>;
}
