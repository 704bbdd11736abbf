//! The API over HTTP on MongoDB. What is tested stands in `it/`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "inside a test a panic is the result"
)]

mod it;

use std::sync::Arc;

use kairos_domain::store::Store;
use std::time::Duration;

use kairos_store::mongodb::{MongoSettings, MongoStore};
use kairos_test_mongod::TestDatabase;

/// The name by which `/health` knows the store.
const STORE: &str = "mongodb";

/// A fresh store, and what it lies in.
async fn fresh_store() -> (Arc<dyn Store>, TestDatabase) {
    let database = TestDatabase::on(kairos_test_mongod::replica_set());
    let settings = MongoSettings {
        url: database.server_url.clone(),
        database: database.name.clone(),
        max_connections: 16,
        timeout: Duration::from_secs(10),
    };
    let store = MongoStore::open(&settings).await.unwrap();
    (Arc::new(store), database)
}
