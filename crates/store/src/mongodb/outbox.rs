//! The outbox. A waiting mail is stored in its rider's document, so its act adds it in the same transaction,
//! and deleting the rider deletes it. Mails never move to another document.

use std::collections::HashSet;

use async_trait::async_trait;
use bson::{Bson, doc};
use chrono::{DateTime, Utc};
use kairos_domain::id::MailId;
use kairos_domain::mail::OutboxMail;
use kairos_domain::store::{Outbox, StoreError};

use super::MongoStore;
use super::documents::{instant, mail_document, new_mail, oid, waiting_mails};
use crate::administration::WaitingMail;

#[async_trait]
impl Outbox for MongoStore {
    async fn enqueue_mail(&self, mail: &OutboxMail) -> Result<bool, StoreError> {
        let db = &self.connection;
        let rider = doc! { "_id": oid(mail.user_id.0), "is_being_deleted": Bson::Null };
        let push = doc! { "$push": { "mails": mail_document(&new_mail(mail.clone())) } };
        Ok(db.call(db.users.update_one(rider, push)).await?.matched_count > 0)
    }

    async fn lease_due_mails(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StoreError> {
        let mut leased = Vec::new();
        let mut seen = HashSet::new();
        // Other workers lease concurrently. Another round makes up for mails that they leased first.
        while leased.len() < limit as usize {
            let missing = limit as usize - leased.len();
            let mut due = self.due_mails(now, missing).await?;
            due.retain(|waiting| !seen.contains(&waiting.mail.id));
            if due.is_empty() {
                break;
            }
            due.truncate(missing);
            for mut waiting in due {
                if self.lease(&waiting, until).await? {
                    seen.insert(waiting.mail.id);
                    waiting.mail.attempts = waiting.mail.attempts.saturating_add(1);
                    leased.push(waiting.mail);
                }
            }
        }
        Ok(leased)
    }

    async fn postpone_mail(&self, id: MailId, due_at: DateTime<Utc>) -> Result<(), StoreError> {
        let db = &self.connection;
        let rest = doc! { "$set": { "mails.$.due_at": instant(due_at) } };
        db.call(db.users.update_one(doc! { "mails._id": oid(id.0) }, rest))
            .await
            .map(drop)
    }

    async fn remove_mail(&self, id: MailId) -> Result<(), StoreError> {
        let db = &self.connection;
        let pull = doc! { "$pull": { "mails": { "_id": oid(id.0) } } };
        db.call(db.users.update_one(doc! { "mails._id": oid(id.0) }, pull))
            .await
            .map(drop)
    }

    async fn next_mail_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let db = &self.connection;
        let first = db
            .users
            .find_one(doc! { "mails.due_at": { "$exists": true } })
            .sort(doc! { "mails.due_at": 1 })
            .projection(doc! { "mails": 1 });
        let Some(rider) = db.call(first).await? else {
            return Ok(None);
        };
        Ok(waiting_mails(&rider)?.iter().map(|waiting| waiting.due_at).min())
    }
}

impl MongoStore {
    /// Returns due mails, the longest due first: at least `count` if there are as many.
    async fn due_mails(&self, now: DateTime<Utc>, count: usize) -> Result<Vec<WaitingMail>, StoreError> {
        let db = &self.connection;
        let riders = db
            .users
            .find(doc! { "mails.due_at": { "$lte": instant(now) } })
            .sort(doc! { "mails.due_at": 1 })
            .limit(i64::try_from(count).unwrap_or(i64::MAX))
            .projection(doc! { "mails": 1 });
        let mut due = Vec::new();
        for rider in db.all(riders).await? {
            due.extend(waiting_mails(&rider)?);
        }
        due.retain(|waiting| waiting.due_at <= now);
        due.sort_by_key(|waiting| (waiting.due_at, waiting.mail.id));
        Ok(due)
    }

    /// Leases a mail, unless another worker has leased it first.
    async fn lease(&self, waiting: &WaitingMail, until: DateTime<Utc>) -> Result<bool, StoreError> {
        let db = &self.connection;
        let same = doc! {
            "_id": oid(waiting.mail.user_id.0),
            "mails": { "$elemMatch": {
                "_id": oid(waiting.mail.id.0),
                "due_at": instant(waiting.due_at),
                "attempts": i64::from(waiting.mail.attempts),
            } },
        };
        let take = doc! {
            "$set": { "mails.$.due_at": instant(until) },
            "$inc": { "mails.$.attempts": 1 },
        };
        Ok(db.call(db.users.update_one(same, take)).await?.matched_count > 0)
    }
}
