//! Copies between the two kinds of stores.

use std::sync::Arc;

use kairos_store::administration::AdminStore;
use kairos_test_mongod::{TestDatabase, replica_set};

use crate::mongodb_database::open;
use crate::transfer::{is_copied, on_sqlite};

async fn on_mongodb() -> (Arc<dyn AdminStore>, TestDatabase) {
    let database = TestDatabase::on(replica_set());
    (Arc::new(open(&database).await), database)
}

#[tokio::test(flavor = "multi_thread")]
async fn from_sqlite_to_mongodb() {
    let ((source, _file), (target, _database)) = (on_sqlite().await, on_mongodb().await);
    is_copied(source, target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_mongodb_to_sqlite() {
    let ((source, _database), (target, _file)) = (on_mongodb().await, on_sqlite().await);
    is_copied(source, target).await;
}
