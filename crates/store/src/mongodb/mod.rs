//! The store for several machines: a MongoDB database on a replica set or a sharded cluster. It may be a
//! database of the earlier service.
//!
//! Each act is one transaction (`transaction`), unless it writes only one document. The transaction also
//! writes the derived data (`derived`), so that readers can rely on it. A deletion that is too large for one
//! transaction is marked first, and finished in batches (`deletions`).

mod abandoned_transactions;
mod added_records;
mod comparison;
mod connection;
mod contents;
mod deletions;
mod derived;
mod discovery;
mod document_loader;
mod documents;
mod error;
mod indexes;
mod inspection;
mod journeys;
mod legacy_accounts;
mod legacy_data;
mod legacy_tokens;
mod line_records;
mod lines;
mod marker_pages;
mod markers;
mod outbox;
mod rate_limits;
mod rebuilding;
mod records;
mod sessions;
mod transaction;
mod users;
mod writes;

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bson::doc;
use chrono::{DateTime, Utc};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::store::{IdempotencyRecord, Store, StoreError};
use tokio::time::timeout;

use connection::Connection;
use documents::instant;
pub use error::OpenError;
use transaction::Transaction;

/// A store in a MongoDB database.
#[derive(Debug, Clone)]
pub struct MongoStore {
    connection: Connection,
    /// Whether the accounts without an address have been logged.
    was_told_of_odd_accounts: Arc<AtomicBool>,
    /// Journeys that could not be migrated in the current run of the migration.
    unmigrated: Arc<Mutex<BTreeSet<JourneyId>>>,
    /// Whether the database had no collections when it was opened.
    is_new: bool,
}

/// The database, and limits of its use.
#[derive(Clone)]
pub struct MongoSettings {
    /// The connection string. It may contain a password.
    pub url: String,
    /// The name of the database.
    pub database: String,
    /// Maximum number of connections, unless the connection string sets `maxPoolSize`.
    pub max_connections: u32,
    /// The timeout of a call, including the wait for a connection.
    pub timeout: Duration,
}

impl MongoStore {
    /// Connects, creates missing indexes, and migrates data of the earlier service for at most a second.
    ///
    /// All accounts are migrated. [`migrate_next_batch`](Store::migrate_next_batch) migrates the remaining
    /// journeys.
    ///
    /// # Errors
    /// [`OpenError`] if the connection string is invalid, the server is standalone, or the database does not
    /// answer in time.
    pub async fn open(settings: &MongoSettings) -> Result<Self, OpenError> {
        let mut store = Self::connect(settings).await?;
        store.check_topology().await?;
        store.is_new = store.has_no_collections().await.map_err(OpenError::Database)?;
        store.prepare().await.map_err(OpenError::Database)?;
        Ok(store)
    }

    /// Connects for reading only, for operators. The server may be standalone.
    ///
    /// # Errors
    /// [`OpenError`] if the connection string is invalid or the database does not answer in time.
    pub async fn open_to_read(settings: &MongoSettings) -> Result<Self, OpenError> {
        let store = Self::connect(settings).await?;
        let db = &store.connection;
        let answer = db.call(db.database.run_command(doc! { "ping": 1 })).await;
        answer.map_err(OpenError::Database)?;
        Ok(store)
    }

    async fn connect(settings: &MongoSettings) -> Result<Self, OpenError> {
        Ok(Self {
            connection: Connection::open(settings).await?,
            was_told_of_odd_accounts: Arc::default(),
            unmigrated: Arc::default(),
            is_new: false,
        })
    }

    /// Rejects a standalone server, which has no transactions.
    async fn check_topology(&self) -> Result<(), OpenError> {
        let db = &self.connection;
        let hello = db.call(db.database.run_command(doc! { "hello": 1 })).await;
        let hello = hello.map_err(OpenError::Database)?;
        if hello.get_str("setName").is_ok() || matches!(hello.get_str("msg"), Ok("isdbgrid")) {
            return Ok(());
        }
        Err(OpenError::Standalone {
            host: db.host.clone(),
        })
    }

    async fn has_no_collections(&self) -> Result<bool, StoreError> {
        let db = &self.connection;
        Ok(db.call(db.database.list_collection_names()).await?.is_empty())
    }

    /// Writes a document that expires at once.
    async fn write_probe(&self) -> Result<(), StoreError> {
        let db = &self.connection;
        let expired = doc! { "$currentDate": { "keep_until": true } };
        let probe = db.counted_acts.update_one(doc! { "_id": "health" }, expired);
        db.call(probe.upsert(true)).await.map(drop)
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        let db = &self.connection;
        // The other commands report a failure, or a server that does not answer. The server builds a missing
        // index only when no transaction holds its collection.
        let abandoned = timeout(db.timeout, db.end_abandoned_transactions());
        let (_, made) = tokio::join!(abandoned, self.make_indexes());
        made?;
        self.migrate_at_start().await
    }
}

#[async_trait]
impl Store for MongoStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.connection.ping().await?;
        self.connection.write_health.check(self.write_probe()).await
    }

    fn kind(&self) -> &'static str {
        "mongodb"
    }

    async fn idempotency_record(
        &self,
        rider: UserId,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        self.record_of_key(rider, key, now).await
    }

    async fn delete_next_batch(&self) -> Result<bool, StoreError> {
        let act = |transaction: Transaction| async move { self.remove_next_batch(&transaction).await };
        self.connection.transaction(act).await
    }

    async fn migrate_next_batch(&self) -> Result<bool, StoreError> {
        self.migrate_a_batch().await
    }

    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let db = &self.connection;
        let outdated = |field: &str| doc! { field: { "$lte": instant(now) } };
        for (collection, field) in [
            (&db.counted_acts, "keep_until"),
            (&db.known_clients, "known_until"),
            (&db.idempotency_keys, "expires_at"),
            (&db.invitations, "expires_at"),
        ] {
            db.call(collection.delete_many(outdated(field))).await?;
        }
        let past = doc! { "$lt": instant(now) };
        let expired = doc! { "keep_until": past.clone(), "has_ended": false };
        let purged = db.call(db.sessions.delete_many(expired)).await?.deleted_count;
        db.call(db.sessions.delete_many(doc! { "keep_until": past }))
            .await?;
        Ok(purged)
    }
}
