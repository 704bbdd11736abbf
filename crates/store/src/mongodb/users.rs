use async_trait::async_trait;
use bson::{Bson, Document, RawDocumentBuf, doc};
use kairos_domain::email_address::EmailKey;
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::mail::{MailKind, OutboxMail};
use kairos_domain::store::{PasswordChange, ProfileUpdate, StoreError, Unique, Users, Verification};
use kairos_domain::user::User;
use mongodb::options::ReturnDocument;

use super::MongoStore;
use super::connection::to_the_end;
use super::documents::{self, fields_of_contact, mail_document, new_mail, oid, user_document};
use crate::administration::UserRecord;

#[async_trait]
impl Users for MongoStore {
    async fn register_user(&self, user: &User, mail: &OutboxMail) -> Result<(), StoreError> {
        let db = &self.connection;
        // The index refuses a second account of an address, but where the earlier service has left two, it may hold neither of them
        // when the other one has gone.
        if self.is_address_held(&user.email.key(), None).await? {
            return Err(StoreError::Conflict(Unique::Email));
        }
        let record = UserRecord {
            user: user.clone(),
            holds_its_address: true,
            mails: vec![new_mail(mail.clone())],
        };
        db.call(
            db.users
                .clone_with_type::<Document>()
                .insert_one(user_document(&record)),
        )
        .await
        .map(drop)
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let document = self.user_document(id).await?;
        document.as_deref().map(documents::user).transpose()
    }

    async fn user_by_email(&self, key: &EmailKey) -> Result<Option<User>, StoreError> {
        let db = &self.connection;
        let holders = db.all(db.users.find(doc! { "email_key": key.as_str() })).await?;
        let mut users = holders
            .iter()
            .filter_map(|document| documents::if_readable(documents::user(document)).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        users.sort_by_key(|user| (!user.is_verified, user.id));
        Ok(users.into_iter().next())
    }

    async fn update_profile(&self, id: UserId, update: &ProfileUpdate) -> Result<Option<User>, StoreError> {
        let db = &self.connection;
        // Whenever another act comes between, this one is decided anew.
        loop {
            let Some(before) = self.user(id).await? else {
                return Ok(None);
            };
            let email = update.email.as_ref().unwrap_or(&before.email);
            let key = email.key();
            let mut change = doc! { "name": update.name.as_str(), "email": email.as_str() };
            change.extend(fields_of_contact(&update.contact));
            let mut mails = Vec::new();
            if key != before.email.key() {
                if self.is_address_held(&key, Some(id)).await? {
                    return Err(StoreError::Conflict(Unique::Email));
                }
                change.extend(doc! {
                    "is_verified": false,
                    "email_key": key.as_str(),
                    "email_key_is_unique": true,
                });
                mails = mails_to_both_addresses(&before, update);
            }
            let mut update = doc! { "$set": change };
            if !mails.is_empty() {
                update.insert("$push", doc! { "mails": { "$each": mails } });
            }
            let same =
                doc! { "_id": oid(id.0), "email": before.email.as_str(), "is_being_deleted": Bson::Null };
            let after = db
                .users
                .find_one_and_update(same, update)
                .return_document(ReturnDocument::After);
            if let Some(after) = db.call(after).await? {
                return documents::user(&after).map(Some);
            }
        }
    }

    async fn verify_email(&self, id: UserId, key: &EmailKey) -> Result<Verification, StoreError> {
        let db = &self.connection;
        loop {
            let Some(user) = self.user(id).await? else {
                return Ok(Verification::NoSuchUser);
            };
            if user.email.key() != *key {
                return Ok(Verification::AddressChanged);
            }
            if user.is_verified {
                return Ok(Verification::AlreadyVerified);
            }
            let same = doc! {
                "_id": oid(id.0), "email": user.email.as_str(), "is_verified": { "$ne": true }, "is_being_deleted": Bson::Null,
            };
            let verified = db
                .users
                .update_one(same, doc! { "$set": { "is_verified": true } });
            if db.call(verified).await?.matched_count > 0 {
                return Ok(Verification::Verified);
            }
        }
    }

    async fn change_password(&self, change: &PasswordChange) -> Result<bool, StoreError> {
        let db = self.connection.clone();
        let change = change.clone();
        // Killed between the steps, it leaves sessions whose tokens name an outdated version: they are refused.
        to_the_end(async move {
            let id = oid(change.user_id.0);
            let expected = match change.expected_version {
                0 => doc! { "$in": [0, Bson::Null] },
                version => doc! { "$eq": i64::from(version) },
            };
            let same = doc! { "_id": id, "credential_version": expected, "is_being_deleted": Bson::Null };
            let update = doc! { "$set": {
                "password": change.password.as_str(),
                "credential_version": i64::from(change.expected_version) + 1,
            } };
            if db.call(db.users.update_one(same, update)).await?.matched_count == 0 {
                return Ok(false);
            }
            db.call(db.sessions.delete_many(doc! { "user_id": id })).await?;
            Ok(true)
        })
        .await
    }

    async fn delete_user_with_everything(&self, id: UserId) -> Result<bool, StoreError> {
        let store = self.clone();
        to_the_end(async move {
            let db = &store.connection;
            // From here on nobody reads the account or what hangs on it, and its address is free.
            let mark = doc! {
                "$set": { "is_being_deleted": true },
                "$unset": { "email_key": "", "email_key_is_unique": "", "mails": "" },
            };
            let Some(before) = db
                .call(db.users.find_one_and_update(doc! { "_id": oid(id.0) }, mark))
                .await?
            else {
                return Ok(false);
            };
            store.finish_deleting_user(id).await?;
            Ok(!documents::is_being_deleted(&before))
        })
        .await
    }
}

impl MongoStore {
    /// Whether a rider has an account.
    pub(super) async fn user_exists(&self, id: UserId) -> Result<bool, StoreError> {
        Ok(self.user_document(id).await?.is_some())
    }

    async fn user_document(&self, id: UserId) -> Result<Option<RawDocumentBuf>, StoreError> {
        let user = self.connection.users_by_id.document(id.0).await?;
        Ok(user.filter(|user| !documents::is_being_deleted(user)))
    }

    async fn is_address_held(
        &self,
        key: &EmailKey,
        by_other_than: Option<UserId>,
    ) -> Result<bool, StoreError> {
        let db = &self.connection;
        let mut holder = doc! { "email_key": key.as_str() };
        if let Some(id) = by_other_than {
            holder.insert("_id", doc! { "$ne": oid(id.0) });
        }
        let holder = db.users.find_one(holder).projection(doc! { "_id": 1 });
        Ok(db.call(holder).await?.is_some())
    }

    /// Removes what hangs on an account that is marked, and the account.
    async fn finish_deleting_user(&self, id: UserId) -> Result<(), StoreError> {
        let db = &self.connection;
        let id = oid(id.0);
        let journeys = db
            .journeys
            .find(doc! { "user_id": id })
            .projection(doc! { "_id": 1 });
        for journey in db.all(journeys).await? {
            let journey = JourneyId(documents::id_of(&journey, "journey")?);
            self.finish_deleting_journey(journey).await?;
        }
        db.call(db.sessions.delete_many(doc! { "user_id": id })).await?;
        db.call(db.users.delete_one(doc! { "_id": id, "is_being_deleted": true }))
            .await
            .map(drop)
    }

    /// Finishes what interrupted deletions have left; says how many there were.
    pub(super) async fn finish_deleting_users(&self) -> Result<u64, StoreError> {
        let db = &self.connection;
        let marked = db
            .users
            .find(doc! { "is_being_deleted": true })
            .projection(doc! { "_id": 1 });
        let marked = db.all(marked).await?;
        for user in &marked {
            self.finish_deleting_user(UserId(documents::id_of(user, "user")?))
                .await?;
        }
        Ok(marked.len() as u64)
    }
}

fn mails_to_both_addresses(before: &User, update: &ProfileUpdate) -> Vec<Document> {
    let new_address = update.email.as_ref().unwrap_or(&before.email);
    let mails = [
        (update.verify_mail, new_address, MailKind::VerifyEmail),
        (update.notice_mail, &before.email, MailKind::AddressChanged),
    ];
    let document = |(id, to, kind): (_, &kairos_domain::email_address::EmailAddress, _)| {
        mail_document(&new_mail(OutboxMail {
            id,
            user_id: before.id,
            to: to.clone(),
            kind,
            created_at: update.now,
            attempts: 0,
        }))
    };
    mails.into_iter().map(document).collect()
}
