use async_trait::async_trait;
use bson::{Bson, Document, RawDocumentBuf, doc};
use chrono::{DateTime, Utc};
use kairos_domain::email_address::EmailKey;
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::store::{
    Registered, Registration, StoreError, Unique, UserChange, Users, Write, WriteError,
};
use kairos_domain::token::TokenHash;
use kairos_domain::usage::UsageChange;
use kairos_domain::user::User;
use mongodb::options::Collation;

use super::MongoStore;
use super::documents::{
    self, JourneyDocument, binary, id_of, if_readable, instant, is_being_deleted, mail_document, new_mail,
    oid, profile_fields, user_document, waiting_mails,
};
use super::legacy_accounts::has_outdated_key;
use super::transaction::{Abort, Transaction};
use crate::administration::UserRecord;

/// Length in bytes up to which an address may be somebody's. The server would compare a megabyte by the
/// collation for a long time.
const LONGEST_ADDRESS: usize = 16 << 10;

#[async_trait]
impl Users for MongoStore {
    async fn register_user(&self, registration: &Registration) -> Result<Registered, StoreError> {
        let db = &self.connection;
        let (user, mail) = (&registration.user, &registration.mail);
        let act = |transaction: Transaction| async move {
            if let Some(hash) = registration.invitation {
                let good = doc! {
                    "_id": binary(hash.bytes()), "expires_at": { "$gt": instant(mail.created_at) },
                };
                let invitation = db.invitations.find_one_and_delete(good);
                if transaction.find_one_and_delete(invitation).await?.is_none() {
                    return Ok(Registered::InvitationNotGood);
                }
            }
            // The unique index is not enough. It lacks accounts that the earlier service has written since,
            // and may lack accounts that share an address.
            if !self
                .holders(&transaction, &user.email.key(), user.id)
                .await?
                .is_empty()
            {
                return Err(StoreError::Conflict(Unique::Email).into());
            }
            let record = UserRecord {
                user: user.clone(),
                holds_its_address: true,
                mails: vec![new_mail(mail.clone())],
            };
            let users = db.users.clone_with_type::<Document>();
            transaction
                .insert(users.insert_one(user_document(&record)))
                .await?;
            Ok(Registered::Done)
        };
        let registered = db.transaction(&act).await;
        if matches!(registered, Err(StoreError::Conflict(Unique::Email)))
            && self.migrate_accounts_of(&user.email.key()).await?
        {
            return db.transaction(&act).await;
        }
        registered
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let document = self.user_document(id).await?;
        document.as_deref().map(documents::user).transpose()
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let db = &self.connection;
        let ids: Vec<_> = ids.iter().map(|id| oid(id.0)).collect();
        let there = doc! { "_id": { "$in": ids }, "is_being_deleted": Bson::Null };
        let users = db.all(db.users.find(there)).await?;
        let users = users
            .iter()
            .filter_map(|user| if_readable(documents::user(user)).transpose());
        users.collect()
    }

    async fn user_by_email(&self, key: &EmailKey) -> Result<Option<User>, StoreError> {
        let found = self.accounts_of(key).await?;
        if found.iter().any(has_outdated_key) {
            self.migrate_accounts_of(key).await?;
        }
        let mut users = found
            .iter()
            .filter_map(|document| if_readable(documents::user(document)).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        users.sort_by_key(|user| (!user.is_verified, user.id));
        Ok(users.into_iter().next())
    }

    async fn replace_user(&self, change: &UserChange, write: Option<&Write>) -> Result<(), WriteError> {
        let db = &self.connection;
        let (before, after) = (&change.before, &change.after);
        let act = |transaction: Transaction| async move {
            if let Some(write) = write {
                self.take_key(&transaction, write).await?;
            }
            let mut fields = profile_fields(after);
            if after.email.key() != before.email.key() {
                let key = after.email.key();
                if !self.holders(&transaction, &key, after.id).await?.is_empty() {
                    return Err(StoreError::Conflict(Unique::Email).into());
                }
                fields.extend(doc! { "email_key": key.as_str(), "email_key_is_unique": true });
            }
            let mut update = doc! { "$set": fields };
            if !change.mails.is_empty() {
                let mails = change
                    .mails
                    .iter()
                    .map(|mail| mail_document(&new_mail(mail.clone())));
                update.insert("$push", doc! { "mails": { "$each": mails.collect::<Vec<_>>() } });
            }
            let stored = self.replace_as_seen(&transaction, before, update).await?;
            // The unique index compares only mails of different accounts.
            let waiting = waiting_mails(&stored)?;
            if change
                .mails
                .iter()
                .any(|mail| waiting.iter().any(|waiting| waiting.mail.id == mail.id))
            {
                return Err(StoreError::Conflict(Unique::Id).into());
            }
            if after.credential_version > before.credential_version {
                self.end_sessions(&transaction, after.id).await?;
            }
            match write {
                Some(write) => self.charge(&transaction, write, UsageChange::default()).await,
                None => Ok(()),
            }
        };
        let replaced = db.write(&act).await;
        if matches!(
            replaced,
            Err(WriteError::Store(StoreError::Conflict(Unique::Email)))
        ) && self.migrate_accounts_of(&after.email.key()).await?
        {
            return db.write(&act).await;
        }
        replaced
    }

    async fn delete_user(&self, before: &User) -> Result<(), WriteError> {
        let db = &self.connection;
        let id = before.id;
        let act = |transaction: Transaction| async move {
            // This mark hides the account and its journeys, and frees its address.
            let mark = doc! {
                "$set": { "is_being_deleted": true },
                "$unset": { "email_key": "", "email_key_is_unique": "", "mails": "", "usage": "" },
            };
            self.replace_as_seen(&transaction, before, mark).await?;
            let journeys = transaction
                .all(db.journeys.find(doc! { "user_id": oid(id.0) }))
                .await?;
            let figures = journeys.iter().map(|journey| JourneyDocument::read(journey));
            let figures: Result<Vec<_>, _> = figures.collect();
            if figures.is_ok_and(|figures| Self::is_one_batch(&figures)) {
                let ids = journeys
                    .iter()
                    .map(|journey| id_of(journey, "journey").map(JourneyId));
                let ids = ids.collect::<Result<Vec<_>, _>>()?;
                self.remove_journeys(&transaction, &ids).await?;
                return self.remove_user(&transaction, id).await;
            }
            self.mark_journeys(&transaction, id).await?;
            self.remove_sessions_and_keys(&transaction, id).await
        };
        db.write(act).await
    }

    async fn add_invitation(&self, hash: TokenHash, expires_at: DateTime<Utc>) -> Result<(), StoreError> {
        let db = &self.connection;
        let invitations = db.invitations.clone_with_type::<Document>();
        let invitation = doc! { "_id": binary(hash.bytes()), "expires_at": instant(expires_at) };
        db.call(invitations.insert_one(invitation)).await.map(drop)
    }
}

impl MongoStore {
    /// Returns the document of an account that is not being deleted.
    pub(super) async fn user_document(&self, id: UserId) -> Result<Option<RawDocumentBuf>, StoreError> {
        let user = self.connection.users_by_id.document(id.0).await?;
        Ok(user.filter(|user| !is_being_deleted(user)))
    }

    /// Checks that an account exists, and makes a concurrent deletion conflict with this transaction.
    pub(super) async fn hold_user(&self, transaction: &Transaction, id: UserId) -> Result<bool, Abort> {
        let there = doc! { "_id": oid(id.0), "is_being_deleted": Bson::Null };
        let hold = doc! { "$inc": { "usage.sessions": 1_i64 } };
        let held = self.connection.users.update_one(there, hold);
        Ok(transaction.update(held).await?.matched_count > 0)
    }

    /// Updates an account if it still equals `before`. Returns the account as it was before the update.
    async fn replace_as_seen(
        &self,
        transaction: &Transaction,
        before: &User,
        update: Document,
    ) -> Result<RawDocumentBuf, Abort> {
        let there = doc! { "_id": oid(before.id.0), "is_being_deleted": Bson::Null };
        let stored = self.connection.users.find_one_and_update(there, update);
        let stored = transaction
            .find_one_and_update(stored)
            .await?
            .ok_or(WriteError::Changed)?;
        if documents::user(&stored)? == *before {
            Ok(stored)
        } else {
            Err(WriteError::Changed.into())
        }
    }

    /// Returns the accounts with an address, except one.
    async fn holders(
        &self,
        transaction: &Transaction,
        key: &EmailKey,
        except: UserId,
    ) -> Result<Vec<RawDocumentBuf>, Abort> {
        let users = &self.connection.users;
        let [by_key, by_address] = candidates(key);
        let found = [
            transaction.all(users.find(by_key)).await?,
            transaction
                .all(users.find(by_address).collation(case_insensitive()))
                .await?,
        ];
        let mut holders = of_address(found, key);
        holders.retain(|holder| id_of(holder, "user").is_ok_and(|id| id != except.0));
        Ok(holders)
    }

    async fn accounts_of(&self, key: &EmailKey) -> Result<Vec<RawDocumentBuf>, StoreError> {
        let found = self.accounts_by_key_and_address(key).await?;
        Ok(of_address(found, key))
    }

    pub(super) async fn accounts_by_key_and_address(
        &self,
        key: &EmailKey,
    ) -> Result<[Vec<RawDocumentBuf>; 2], StoreError> {
        if key.as_str().len() > LONGEST_ADDRESS {
            return Ok(<[Vec<_>; 2]>::default());
        }
        let db = &self.connection;
        let [by_key, by_address] = candidates(key);
        let (by_key, by_address) = tokio::try_join!(
            db.all(db.users.find(by_key)),
            db.all(db.users.find(by_address).collation(case_insensitive())),
        )?;
        Ok([by_key, by_address])
    }
}

/// Returns two filters that together find all accounts with an address.
///
/// The first filter finds accounts by their key. It also finds accounts without a key, which the earlier
/// service has created. The second filter finds accounts by their address, in case the earlier service has
/// changed it. Its collation ignores case, and how letters are composed.
fn candidates(key: &EmailKey) -> [Document; 2] {
    [
        doc! { "email_key": { "$in": [key.as_str(), Bson::Null] }, "is_being_deleted": Bson::Null },
        doc! { "email": { "$in": [key.as_str(), key.in_unicode()] }, "is_being_deleted": Bson::Null },
    ]
}

/// Returns the collation of the index `by_address`.
pub(super) fn case_insensitive() -> Collation {
    Collation::builder()
        .locale("en")
        .strength(mongodb::options::CollationStrength::Secondary)
        .build()
}

/// Returns the accounts with an address, without duplicates.
fn of_address(found: [Vec<RawDocumentBuf>; 2], key: &EmailKey) -> Vec<RawDocumentBuf> {
    let mut found: Vec<_> = found.into_iter().flatten().collect();
    found.retain(|document| {
        document
            .get_str("email")
            .is_ok_and(|email| EmailKey::of(email) == *key)
    });
    found.sort_by_key(|document| documents::raw_id(document));
    found.dedup_by_key(|document| documents::raw_id(document));
    found
}
