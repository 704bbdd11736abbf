use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kairos_domain::id::MailId;
use kairos_domain::mail::OutboxMail;
use kairos_domain::store::{Outbox, StoreError};
use rusqlite::{Transaction, named_params, params};

use super::error::{Fault, unless_parent_is_gone};
use super::{SqliteStore, rows};

#[async_trait]
impl Outbox for SqliteStore {
    async fn enqueue_mail(&self, mail: &OutboxMail) -> Result<bool, StoreError> {
        let mail = mail.clone();
        self.connections
            .write(move |db| insert(db, &mail, mail.created_at))
            .await
    }

    async fn lease_due_mails(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StoreError> {
        self.connections
            .write(move |db| {
                let mut due = db.prepare_cached(concat!(
                    "SELECT ",
                    rows::mail_columns!(),
                    " FROM outbox WHERE due_at <= ? ORDER BY due_at, id LIMIT ?"
                ))?;
                let mut mails = rows::all(due.query(params![now.timestamp_millis(), limit])?, rows::mail)?;
                let mut lease =
                    db.prepare_cached("UPDATE outbox SET attempts = ?, due_at = ? WHERE id = ?")?;
                for mail in &mut mails {
                    mail.attempts = mail.attempts.saturating_add(1);
                    lease.execute(params![
                        mail.attempts,
                        until.timestamp_millis(),
                        mail.id.0.bytes()
                    ])?;
                }
                Ok(mails)
            })
            .await
    }

    async fn postpone_mail(&self, id: MailId, due_at: DateTime<Utc>) -> Result<(), StoreError> {
        self.connections
            .write(move |db| {
                db.prepare_cached("UPDATE outbox SET due_at = ? WHERE id = ?")?
                    .execute(params![due_at.timestamp_millis(), id.0.bytes()])?;
                Ok(())
            })
            .await
    }

    async fn remove_mail(&self, id: MailId) -> Result<(), StoreError> {
        self.connections
            .write(move |db| {
                db.prepare_cached("DELETE FROM outbox WHERE id = ?")?
                    .execute([id.0.bytes()])?;
                Ok(())
            })
            .await
    }

    async fn next_mail_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.connections
            .read(|db| {
                let due: Option<i64> = db
                    .prepare_cached("SELECT min(due_at) FROM outbox")?
                    .query_row([], |row| row.get(0))?;
                Ok(due.and_then(DateTime::from_timestamp_millis))
            })
            .await
    }
}

/// Adds a mail. Returns `false` if its rider is gone.
pub(super) fn insert(db: &Transaction<'_>, mail: &OutboxMail, due_at: DateTime<Utc>) -> Result<bool, Fault> {
    let inserted = db
        .prepare_cached(
            "INSERT INTO outbox (id, user_id, recipient, kind, created_at, attempts, due_at)
             VALUES (:id, :user_id, :recipient, :kind, :created_at, :attempts, :due_at)",
        )?
        .execute(named_params! {
            ":id": mail.id.0.bytes(),
            ":user_id": mail.user_id.0.bytes(),
            ":recipient": mail.to.as_str(),
            ":kind": mail.kind.as_str(),
            ":created_at": mail.created_at.timestamp_millis(),
            ":attempts": mail.attempts,
            ":due_at": due_at.timestamp_millis(),
        });
    unless_parent_is_gone(inserted)
}
