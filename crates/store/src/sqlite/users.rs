use async_trait::async_trait;
use kairos_domain::email_address::EmailKey;
use kairos_domain::id::UserId;
use kairos_domain::mail::{MailKind, OutboxMail};
use kairos_domain::store::{PasswordChange, ProfileUpdate, StoreError, Unique, Users, Verification};
use kairos_domain::text::ProfileLine;
use kairos_domain::user::User;
use rusqlite::{Connection, Transaction, named_params, params};

use super::error::Fault;
use super::{SqliteStore, outbox, rows};

#[async_trait]
impl Users for SqliteStore {
    async fn register_user(&self, user: &User, mail: &OutboxMail) -> Result<(), StoreError> {
        let (user, mail) = (user.clone(), mail.clone());
        self.connections
            .write(move |db| {
                if is_address_held(db, &user.email.key(), user.id)? {
                    return Err(StoreError::Conflict(Unique::Email).into());
                }
                insert(db, &user, true)?;
                outbox::insert(db, &mail, mail.created_at)?;
                Ok(())
            })
            .await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.connections.read(move |db| find(db, id)).await
    }

    async fn user_by_email(&self, key: &EmailKey) -> Result<Option<User>, StoreError> {
        let key = key.clone();
        self.connections
            .read(move |db| {
                let mut query = db.prepare_cached(
                    "SELECT * FROM users WHERE email_key = ? ORDER BY is_verified DESC, id LIMIT 1",
                )?;
                rows::first(query.query([key.as_str()])?, rows::user)
            })
            .await
    }

    async fn update_profile(&self, id: UserId, update: &ProfileUpdate) -> Result<Option<User>, StoreError> {
        let update = update.clone();
        self.connections
            .write(move |db| {
                let Some(before) = find(db, id)? else {
                    return Ok(None);
                };
                let email = update.email.clone().unwrap_or_else(|| before.email.clone());
                let has_moved = email.key() != before.email.key();
                if has_moved && is_address_held(db, &email.key(), id)? {
                    return Err(StoreError::Conflict(Unique::Email).into());
                }
                let after = User {
                    is_verified: before.is_verified && !has_moved,
                    email,
                    name: update.name.clone(),
                    contact: update.contact.clone(),
                    ..before.clone()
                };
                overwrite_profile(db, &after)?;
                if has_moved {
                    tell_both_addresses(db, &before, &after, &update)?;
                }
                Ok(Some(after))
            })
            .await
    }

    async fn verify_email(&self, id: UserId, key: &EmailKey) -> Result<Verification, StoreError> {
        let key = key.clone();
        self.connections
            .write(move |db| {
                let Some(user) = find(db, id)? else {
                    return Ok(Verification::NoSuchUser);
                };
                if user.email.key() != key {
                    return Ok(Verification::AddressChanged);
                }
                if user.is_verified {
                    return Ok(Verification::AlreadyVerified);
                }
                db.prepare_cached("UPDATE users SET is_verified = 1 WHERE id = ?")?
                    .execute([id.0.bytes()])?;
                Ok(Verification::Verified)
            })
            .await
    }

    async fn change_password(&self, change: &PasswordChange) -> Result<bool, StoreError> {
        let change = change.clone();
        self.connections
            .write(move |db| {
                let id = change.user_id.0.bytes();
                let changed = db
                    .prepare_cached(
                        "UPDATE users SET password = ?, credential_version = credential_version + 1
                         WHERE id = ? AND credential_version = ?",
                    )?
                    .execute(params![change.password.as_str(), id, change.expected_version])?;
                if changed == 0 {
                    return Ok(false);
                }
                db.prepare_cached("DELETE FROM sessions WHERE user_id = ?")?
                    .execute([id])?;
                Ok(true)
            })
            .await
    }

    async fn delete_user_with_everything(&self, id: UserId) -> Result<bool, StoreError> {
        self.connections
            .write(move |db| {
                let mut delete = db.prepare_cached("DELETE FROM users WHERE id = ?")?;
                Ok(delete.execute([id.0.bytes()])? > 0)
            })
            .await
    }
}

fn find(db: &Connection, id: UserId) -> Result<Option<User>, Fault> {
    let mut query = db.prepare_cached("SELECT * FROM users WHERE id = ?")?;
    rows::first(query.query([id.0.bytes()])?, rows::user)
}

/// Whether another account has an address. The index alone would not do: of two accounts that share one, it knows one.
fn is_address_held(db: &Connection, key: &EmailKey, by_other_than: UserId) -> Result<bool, Fault> {
    let mut holders = db.prepare_cached("SELECT 1 FROM users WHERE email_key = ? AND id <> ?")?;
    Ok(holders.exists(params![key.as_str(), by_other_than.0.bytes()])?)
}

pub(super) fn insert(db: &Transaction<'_>, user: &User, holds_its_address: bool) -> Result<(), Fault> {
    db.prepare_cached(
        "INSERT INTO users (id, email, email_key, email_key_is_unique, is_verified, name, phonenumber, instagram, country,
             password, credential_version)
         VALUES (:id, :email, :email_key, :email_key_is_unique, :is_verified, :name, :phonenumber, :instagram, :country,
             :password, :credential_version)",
    )?
    .execute(named_params! {
        ":email_key_is_unique": holds_its_address,
        ":id": user.id.0.bytes(),
        ":email": user.email.as_str(),
        ":email_key": user.email.key().as_str(),
        ":is_verified": user.is_verified,
        ":name": user.name.as_str(),
        ":phonenumber": user.contact.phonenumber.as_ref().map(ProfileLine::as_str),
        ":instagram": user.contact.instagram.as_ref().map(ProfileLine::as_str),
        ":country": user.contact.country.as_ref().map(ProfileLine::as_str),
        ":password": user.password.as_str(),
        ":credential_version": user.credential_version,
    })?;
    Ok(())
}

fn overwrite_profile(db: &Transaction<'_>, user: &User) -> Result<(), Fault> {
    db.prepare_cached(
        "UPDATE users SET email = :email, email_key = :email_key,
             email_key_is_unique = email_key_is_unique OR email_key <> :email_key, is_verified = :is_verified, name = :name,
             phonenumber = :phonenumber, instagram = :instagram, country = :country
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": user.id.0.bytes(),
        ":email": user.email.as_str(),
        ":email_key": user.email.key().as_str(),
        ":is_verified": user.is_verified,
        ":name": user.name.as_str(),
        ":phonenumber": user.contact.phonenumber.as_ref().map(ProfileLine::as_str),
        ":instagram": user.contact.instagram.as_ref().map(ProfileLine::as_str),
        ":country": user.contact.country.as_ref().map(ProfileLine::as_str),
    })?;
    Ok(())
}

fn tell_both_addresses(
    db: &Transaction<'_>,
    before: &User,
    after: &User,
    update: &ProfileUpdate,
) -> Result<(), Fault> {
    let mails = [
        (update.verify_mail, after, MailKind::VerifyEmail),
        (update.notice_mail, before, MailKind::AddressChanged),
    ];
    for (id, user, kind) in mails {
        let mail = OutboxMail {
            id,
            user_id: user.id,
            to: user.email.clone(),
            kind,
            created_at: update.now,
            attempts: 0,
        };
        outbox::insert(db, &mail, mail.created_at)?;
    }
    Ok(())
}
