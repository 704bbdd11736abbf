//! The API over HTTP on SQLite. What is tested stands in `it/`.
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
use kairos_store::sqlite::SqliteStore;
use tempfile::TempDir;

/// The name by which `/health` knows the store.
const STORE: &str = "sqlite";

/// A fresh store, and what it lies in.
async fn fresh_store() -> (Arc<dyn Store>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("kairos.db"))
        .await
        .unwrap();
    (Arc::new(store), directory)
}
