//! What only the store in a MongoDB database has to do.

use std::sync::Arc;
use std::time::Duration;

use bson::doc;
use kairos_domain::store::NearbySearch;
use kairos_store::mongodb::{MongoSettings, MongoStore};
use kairos_test_mongod::{Server, TestDatabase, standalone};

use crate::world::{World, at};

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

/// Makes the server keep one client waiting for an answer to a command for so long.
async fn delay(database: &TestDatabase, app_name: &str, command: &str, milliseconds: i32) {
    let delay = doc! {
        "configureFailPoint": "failCommand",
        "mode": "alwaysOn",
        "data": {
            "failCommands": [command], "blockConnection": true, "blockTimeMS": milliseconds, "appName": app_name,
        },
    };
    let admin = database.database().await.client().database("admin");
    admin.run_command(delay).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_searches_keep_no_account_waiting() {
    let server = Server::of_one_test();
    let database = TestDatabase::on(&server);
    let settings = MongoSettings {
        url: format!("{}?appName=searching", database.server_url),
        max_connections: 4,
        ..settings(&database)
    };
    let world = World::new(Arc::new(MongoStore::open(&settings).await.unwrap()));
    let rider = world.rider().await;
    delay(&database, "searching", "count", 3_000).await;
    let search = NearbySearch {
        origins: vec![at(0.0, 0.0)],
        around: None,
        radius_metres: 1.0,
        except_owner: rider.id,
        include_completed: true,
        limit: 1,
    };
    let searches: Vec<_> = (0..20)
        .map(|_| {
            let (store, search) = (Arc::clone(&world.store), search.clone());
            tokio::spawn(async move { store.journeys_within(&search).await })
        })
        .collect();
    for _ in 0..50 {
        assert_eq!(world.store.user(rider.id).await.unwrap().as_ref(), Some(&rider));
        assert_eq!(world.journeys_of(&rider).await, []);
    }
    assert!(searches.iter().all(|search| !search.is_finished()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_read_at_once_each_gets_their_own() {
    let database = TestDatabase::on(standalone());
    let world = World::new(Arc::new(open(&database).await));
    let mut riders = Vec::new();
    for _ in 0..20 {
        riders.push(world.rider().await);
    }
    let absent = world.user("absent@example.org");
    let reads = (0..400).map(|number| {
        let expected = riders.get(number % 21);
        let id = expected.unwrap_or(&absent).id;
        let store = &world.store;
        async move { assert_eq!(store.user(id).await.unwrap().as_ref(), expected) }
    });
    futures_util::future::join_all(reads).await;
}
