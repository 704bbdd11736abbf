use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kairos_domain::email_address::EmailKey;
use kairos_domain::id::UserId;
use kairos_domain::store::{
    Registered, Registration, StoreError, Unique, UserChange, Users, Write, WriteError,
};
use kairos_domain::text::ProfileLine;
use kairos_domain::token::TokenHash;
use kairos_domain::usage::UsageChange;
use kairos_domain::user::User;
use rusqlite::{Connection, Transaction, named_params, params};

use super::deletions::{self, Of};
use super::error::Fault;
use super::{SqliteStore, outbox, rows, usage};

#[async_trait]
impl Users for SqliteStore {
    async fn register_user(&self, registration: &Registration) -> Result<Registered, StoreError> {
        let Registration {
            user,
            mail,
            invitation,
        } = registration.clone();
        self.connections
            .write(move |db| {
                if let Some(invitation) = invitation
                    && !use_up(db, invitation, mail.created_at)?
                {
                    return Ok(Registered::InvitationNotGood);
                }
                if is_address_held(db, &user.email.key(), user.id)? {
                    return Err(StoreError::Conflict(Unique::Email).into());
                }
                insert(db, &user, true)?;
                outbox::insert(db, &mail, mail.created_at)?;
                Ok(Registered::Done)
            })
            .await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.connections.read(move |db| find(db, id)).await
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let ids = ids.to_vec();
        self.connections
            .snapshot(move |db| {
                let found = ids.into_iter().map(|id| find(db, id));
                found.filter_map(Result::transpose).collect()
            })
            .await
    }

    async fn user_by_email(&self, key: &EmailKey) -> Result<Option<User>, StoreError> {
        let key = key.clone();
        self.connections
            .read(move |db| {
                let mut query = db.prepare_cached(concat!(
                    "SELECT ",
                    rows::user_columns!(),
                    " FROM users WHERE email_key = ? ORDER BY is_verified DESC, id LIMIT 1"
                ))?;
                rows::first(query.query([key.as_str()])?, rows::user)
            })
            .await
    }

    async fn replace_user(&self, change: &UserChange, write: Option<&Write>) -> Result<(), WriteError> {
        let (change, write) = (change.clone(), write.cloned());
        self.connections
            .write(move |db| {
                let UserChange { before, after, mails } = &change;
                if let Some(write) = &write {
                    usage::take_key(db, write)?;
                }
                check(db, before)?;
                let key = after.email.key();
                if key != before.email.key() && is_address_held(db, &key, before.id)? {
                    return Err(StoreError::Conflict(Unique::Email).into());
                }
                overwrite(db, before.id, after)?;
                if after.credential_version > before.credential_version {
                    db.prepare_cached("DELETE FROM sessions WHERE user_id = ?")?
                        .execute([before.id.0.bytes()])?;
                }
                for mail in mails {
                    outbox::insert(db, mail, mail.created_at)?;
                }
                match &write {
                    Some(write) => usage::count(db, write, UsageChange::default()),
                    None => Ok(()),
                }
            })
            .await
    }

    async fn delete_user(&self, before: &User) -> Result<(), WriteError> {
        let before = before.clone();
        self.connections
            .write(move |db| {
                check(db, &before)?;
                let id = before.id.0.bytes();
                deletions::delete_journeys(db, Of::Rider, id)?;
                // The deletion cascades to sessions, mails and keys.
                db.prepare_cached("DELETE FROM users WHERE id = ?")?
                    .execute([id])?;
                Ok(())
            })
            .await
    }

    async fn add_invitation(&self, hash: TokenHash, expires_at: DateTime<Utc>) -> Result<(), StoreError> {
        self.connections
            .write(move |db| {
                db.prepare_cached("INSERT INTO invitations (hash, expires_at) VALUES (?, ?)")?
                    .execute(params![hash.bytes(), expires_at.timestamp_millis()])?;
                Ok(())
            })
            .await
    }
}

/// Consumes an invitation. Returns `false` if it is not valid.
fn use_up(db: &Transaction<'_>, invitation: TokenHash, now: DateTime<Utc>) -> Result<bool, Fault> {
    let mut delete = db.prepare_cached("DELETE FROM invitations WHERE hash = ? AND expires_at > ?")?;
    Ok(delete.execute(params![invitation.bytes(), now.timestamp_millis()])? > 0)
}

/// Checks that the stored account still equals `before`.
fn check(db: &Connection, before: &User) -> Result<(), Fault> {
    match find(db, before.id)? {
        Some(stored) if stored == *before => Ok(()),
        _ => Err(WriteError::Changed.into()),
    }
}

pub(super) fn find(db: &Connection, id: UserId) -> Result<Option<User>, Fault> {
    let mut query = db.prepare_cached(concat!(
        "SELECT ",
        rows::user_columns!(),
        " FROM users WHERE id = ?"
    ))?;
    rows::first(query.query([id.0.bytes()])?, rows::user)
}

/// Checks whether another account has an address. The unique index is not enough: it contains only one of
/// several accounts that share an address.
fn is_address_held(db: &Connection, key: &EmailKey, by_other_than: UserId) -> Result<bool, Fault> {
    let mut holders = db.prepare_cached("SELECT 1 FROM users WHERE email_key = ? AND id <> ?")?;
    Ok(holders.exists(params![key.as_str(), by_other_than.0.bytes()])?)
}

pub(super) fn insert(db: &Transaction<'_>, user: &User, holds_its_address: bool) -> Result<(), Fault> {
    db.prepare_cached(
        "INSERT INTO users (id, email, email_key, email_key_is_unique, is_verified, name, phonenumber, instagram, country,
             password, credential_version, address_version)
         VALUES (:id, :email, :email_key, :email_key_is_unique, :is_verified, :name, :phonenumber, :instagram, :country,
             :password, :credential_version, :address_version)",
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
        ":address_version": user.address_version,
    })?;
    Ok(())
}

fn overwrite(db: &Transaction<'_>, id: UserId, user: &User) -> Result<(), Fault> {
    db.prepare_cached(
        "UPDATE users SET email = :email, email_key = :email_key,
             email_key_is_unique = email_key_is_unique OR email_key <> :email_key, is_verified = :is_verified, name = :name,
             phonenumber = :phonenumber, instagram = :instagram, country = :country, password = :password,
             credential_version = :credential_version, address_version = :address_version
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id.0.bytes(),
        ":email": user.email.as_str(),
        ":email_key": user.email.key().as_str(),
        ":is_verified": user.is_verified,
        ":name": user.name.as_str(),
        ":phonenumber": user.contact.phonenumber.as_ref().map(ProfileLine::as_str),
        ":instagram": user.contact.instagram.as_ref().map(ProfileLine::as_str),
        ":country": user.contact.country.as_ref().map(ProfileLine::as_str),
        ":password": user.password.as_str(),
        ":credential_version": user.credential_version,
        ":address_version": user.address_version,
    })?;
    Ok(())
}
