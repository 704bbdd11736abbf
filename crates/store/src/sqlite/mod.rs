//! The embedded store: one SQLite file.
//!
//! One connection writes, and several read; none of them blocks an async thread. Each act is one transaction.
//! After a crash, an act is therefore complete or undone (write-ahead log, `synchronous = FULL`).

mod backup;
mod connections;
mod contents;
mod deletions;
mod discovery;
mod error;
mod inspection;
mod itinerary;
mod journeys;
mod legacy_tokens;
mod line_figures;
mod lines;
mod markers;
mod migrations;
mod outbox;
mod purge;
mod rate_limits;
mod records;
mod rows;
mod schedules;
mod sessions;
mod usage;
mod users;

use std::path::Path;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kairos_domain::id::UserId;
use kairos_domain::store::{IdempotencyRecord, Store, StoreError};

pub use backup::back_up;
use connections::Connections;
pub use error::OpenError;

/// A store in a SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    connections: Connections,
}

impl SqliteStore {
    /// Opens or creates a database file, and migrates its schema. Only the owner can read a new file.
    ///
    /// # Errors
    /// [`OpenError`] names the file and the cause. For example, the file is no SQLite database, or a
    /// newer version of Kairos wrote it.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let connections = Connections::open(path).await?;
        Ok(Self { connections })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.connections.check_health().await
    }

    fn kind(&self) -> &'static str {
        "sqlite"
    }

    async fn idempotency_record(
        &self,
        rider: UserId,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        let key = key.to_owned();
        self.connections
            .read(move |db| usage::record(db, rider, key, now))
            .await
    }

    async fn delete_next_batch(&self) -> Result<bool, StoreError> {
        self.connections.write(deletions::next_batch).await
    }

    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        purge::purge(&self.connections, now).await
    }
}
