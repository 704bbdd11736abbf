//! What only the store in a MongoDB database has to do.

use std::sync::Arc;
use std::time::Duration;

use kairos_store::mongodb::{MongoSettings, MongoStore};
use kairos_test_mongod::{Server, TestDatabase};

use crate::world::World;

/// Runs a case on a database of its own.
pub(crate) async fn on_a_fresh_database(server: &Server, case: impl AsyncFnOnce(&World)) {
    let database = TestDatabase::on(server);
    let world = World::new(Arc::new(open(&database).await));
    case(&world).await;
}

pub(crate) async fn open(database: &TestDatabase) -> MongoStore {
    MongoStore::open(&settings(database)).await.unwrap()
}

pub(crate) fn settings(database: &TestDatabase) -> MongoSettings {
    MongoSettings {
        url: database.server_url.clone(),
        database: database.name.clone(),
        max_connections: 16,
        timeout: Duration::from_secs(10),
    }
}
