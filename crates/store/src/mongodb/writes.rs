//! The common part of all writes of signed-in riders: the idempotency key, and the rider's usage.

use bson::{Bson, Document, doc};
use chrono::{DateTime, TimeDelta, Utc};
use kairos_domain::id::{ObjectId, UserId};
use kairos_domain::store::{IdempotencyRecord, StoreError, Write, WriteError};
use kairos_domain::usage::{RiderUsage, UsageChange};
use mongodb::error::TRANSIENT_TRANSACTION_ERROR;
use serde::Deserialize;

use super::MongoStore;
use super::documents::{RiderUsageDocument, binary, corrupt, instant, moment, object_id, oid};
use super::error::taken;
use super::transaction::{Abort, Transaction};

/// The fields of a rider that a write reads.
#[derive(Deserialize)]
struct Writer {
    is_verified: Option<bool>,
    usage: Option<RiderUsageDocument>,
}

#[derive(Deserialize)]
struct KeyDocument {
    request: bson::Binary,
    status: u16,
    ids: Vec<bson::oid::ObjectId>,
    expires_at: bson::DateTime,
}

impl MongoStore {
    /// Stores the idempotency key of a write. Must be the first command of the transaction.
    pub(super) async fn take_key(&self, transaction: &Transaction, write: &Write) -> Result<(), Abort> {
        let Some(record) = &write.key else {
            return Ok(());
        };
        let db = &self.connection;
        // An expired key that still exists counts as absent.
        let expired =
            doc! { "_id": key_id(write.rider, &record.key), "expires_at": { "$lte": instant(write.now) } };
        let fields = doc! { "$set": {
            "rider": oid(write.rider.0),
            "request": binary(record.request),
            "status": i32::from(record.status),
            "ids": record.ids.iter().map(|id| oid(*id)).collect::<Vec<_>>(),
            "expires_at": instant(write.now + TimeDelta::hours(IdempotencyRecord::HOURS)),
        } };
        match transaction
            .update(db.idempotency_keys.update_one(expired, fields).upsert(true))
            .await
        {
            Ok(_) => Ok(()),
            Err(Abort::Driver(error)) if taken(&error).is_some() => Err(WriteError::KeyTaken.into()),
            Err(Abort::Driver(error)) if error.contains_label(TRANSIENT_TRANSACTION_ERROR) => {
                Err(Abort::KeyIsHeld(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Adds a write to the usage of its rider, who must exist.
    pub(super) async fn charge(
        &self,
        transaction: &Transaction,
        write: &Write,
        change: UsageChange,
    ) -> Result<(), Abort> {
        let db = &self.connection;
        let rider = doc! { "_id": oid(write.rider.0), "is_being_deleted": Bson::Null };
        let found = db
            .users
            .find_one(rider)
            .projection(doc! { "is_verified": 1, "usage": 1 });
        let found = transaction.find_one(found).await?.ok_or(WriteError::ParentGone)?;
        let writer: Writer = bson::deserialize_from_slice(found.as_bytes())
            .map_err(|problem| corrupt("user", &found, problem))?;
        let usage = writer.usage.unwrap_or_default();
        let before = RiderUsage::from(usage);
        let is_verified = writer.is_verified.unwrap_or(false);
        let mut after = before.after(change, is_verified).map_err(WriteError::Full)?;
        if write.is_limited {
            after.writes = before
                .writes
                .admit(write.now)
                .map_err(WriteError::TooManyWrites)?;
        }
        let keys = usage.keys + i64::from(write.key.is_some());
        let usage = bson::serialize_to_bson(&RiderUsageDocument::of(after, keys))
            .map_err(|error| StoreError::Failed(error.into()))?;
        let counted = doc! { "$set": { "usage": usage } };
        transaction
            .update(db.users.update_one(doc! { "_id": oid(write.rider.0) }, counted))
            .await?;
        self.number_key(transaction, write, keys).await
    }

    /// Assigns a number to the key of a write, and deletes the rider's oldest keys over the limit.
    async fn number_key(&self, transaction: &Transaction, write: &Write, number: i64) -> Result<(), Abort> {
        let Some(record) = &write.key else {
            return Ok(());
        };
        let keys = &self.connection.idempotency_keys;
        let numbered = doc! { "$set": { "number": number } };
        transaction
            .update(keys.update_one(doc! { "_id": key_id(write.rider, &record.key) }, numbered))
            .await?;
        let oldest_kept = number - i64::try_from(IdempotencyRecord::MAX_PER_RIDER).unwrap_or(i64::MAX);
        if oldest_kept > 0 {
            let too_many = doc! { "rider": oid(write.rider.0), "number": { "$lte": oldest_kept } };
            transaction.delete(keys.delete_many(too_many)).await?;
        }
        Ok(())
    }

    /// Adds a change to the usage of a rider without counting a write. Does nothing if the rider is gone.
    pub(super) async fn add_to_rider(
        &self,
        transaction: &Transaction,
        rider: UserId,
        change: UsageChange,
    ) -> Result<(), Abort> {
        if change == UsageChange::default() {
            return Ok(());
        }
        let bytes = change.bytes + change.line_bytes;
        let add = doc! { "$inc": { "usage.journeys": change.journeys, "usage.bytes": bytes } };
        let users = &self.connection.users;
        transaction
            .update(users.update_one(doc! { "_id": oid(rider.0) }, add))
            .await
            .map(drop)
    }

    pub(super) async fn record_of_key(
        &self,
        rider: UserId,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        let db = &self.connection;
        let found = db
            .call(db.idempotency_keys.find_one(doc! { "_id": key_id(rider, key) }))
            .await?;
        let Some(found) = found else { return Ok(None) };
        let record: KeyDocument = bson::deserialize_from_slice(found.as_bytes())
            .map_err(|problem| corrupt("idempotency key", &found, problem))?;
        let request = <[u8; 32]>::try_from(record.request.bytes);
        let request = request.map_err(|_| corrupt("idempotency key", &found, "its request is no SHA-256"))?;
        let is_kept = moment(record.expires_at).is_some_and(|expires_at| expires_at > now);
        Ok(is_kept.then(|| IdempotencyRecord {
            key: key.to_owned(),
            request,
            status: record.status,
            ids: record.ids.into_iter().map(object_id).collect::<Vec<ObjectId>>(),
        }))
    }
}

fn key_id(rider: UserId, key: &str) -> Document {
    doc! { "rider": oid(rider.0), "key": key }
}
