//! The store for many machines: a MongoDB database, standalone or a replica set, also one that the earlier service has written.
//!
//! Nothing here needs a transaction, which a standalone server doesn't have. What must not come apart lies in one document: a rider's
//! waiting mails in the rider's, a session's tokens in the session's. An act over several documents takes its steps in an order that reads
//! well wherever it stops: a child is written before its parent is looked for, and a parent that is to go is marked first, which hides
//! all that hangs on it, and goes last.

mod connection;
mod derived;
mod discovery;
mod documents;
mod error;
mod existing_data;
mod indexes;
mod inspection;
mod journeys;
mod limits;
mod lookup;
mod markers;
mod outbox;
mod sessions;
mod tracks;
mod transfer;
mod users;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bson::doc;
use kairos_domain::store::{Store, StoreError};

use connection::Connection;
pub use error::OpenError;
use tracks::Renewals;

/// A store in a MongoDB database.
#[derive(Debug, Clone)]
pub struct MongoStore {
    connection: Connection,
    renewals: Arc<Renewals>,
}

/// Which database, and how much to ask of it.
#[derive(Clone)]
pub struct MongoSettings {
    /// The connection string. It may hold a password.
    pub url: String,
    /// The name of the database.
    pub database: String,
    /// The most connections at once, unless the connection string says `maxPoolSize`.
    pub max_connections: u32,
    /// How long one call may take, the wait for a connection included.
    pub timeout: Duration,
}

impl MongoStore {
    /// Connects, makes the indexes that are missing, and adopts the accounts that the earlier service has made since the last time.
    ///
    /// Its markers are left to [`adopt_markers`](Store::adopt_markers) and [`renew_tracks`](kairos_domain::store::Discovery::renew_tracks), since
    /// there may be many; until then, searches read them one by one.
    ///
    /// # Errors
    /// [`OpenError`] when the connection string is none or the database does not answer in time.
    pub async fn open(settings: &MongoSettings) -> Result<Self, OpenError> {
        let connection = Connection::open(settings).await?;
        let store = Self {
            connection,
            renewals: Arc::default(),
        };
        store.prepare().await.map_err(OpenError::Database)?;
        Ok(store)
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        self.ping().await?;
        self.make_indexes().await?;
        self.adopt_accounts().await
    }
}

#[async_trait]
impl Store for MongoStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.connection
            .call(self.connection.database.run_command(doc! { "ping": 1 }))
            .await
            .map(drop)
    }

    fn kind(&self) -> &'static str {
        "mongodb"
    }

    async fn finish_interrupted_acts(&self) -> Result<u64, StoreError> {
        Ok(self.finish_deleting_journeys().await? + self.finish_deleting_users().await?)
    }

    async fn adopt_markers(&self) -> Result<u64, StoreError> {
        self.put_markers_into_cells().await
    }
}
