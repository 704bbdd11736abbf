//! A server that has no room for writes. It refuses them by its own error codes, at a fail point.

use std::sync::Arc;
use std::time::Duration;

use bson::doc;
use kairos_domain::store::StoreError;
use kairos_store::administration::AdminStore as _;
use kairos_store::mongodb::{MongoSettings, MongoStore};
use kairos_test_mongod::{Server, TestDatabase};

use crate::fixtures::World;
use crate::mongodb_database::settings;

/// Makes the server refuse the writes of the client `full` with an error code, or none any more.
async fn refuse_writes(database: &TestDatabase, code: Option<i32>) {
    let mut refusal = doc! { "configureFailPoint": "failCommand", "mode": "off" };
    if let Some(code) = code {
        refusal.insert("mode", "alwaysOn");
        let writes = ["insert", "update", "delete", "findAndModify"];
        let data = doc! { "failCommands": writes.as_slice(), "errorCode": code, "appName": "full" };
        refusal.insert("data", data);
    }
    let admin = database.database().await.client().database("admin");
    admin.run_command(refusal).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_room_is_not_healthy_until_a_write_succeeds() {
    let server = Server::of_one_test();
    let database = TestDatabase::on(&server);
    let settings = MongoSettings {
        url: format!("{}&appName=full", database.server_url),
        ..settings(&database)
    };
    let world = World::new(Arc::new(MongoStore::open(&settings).await.unwrap()));
    let rider = world.rider().await;
    let write = async || {
        let journey = world.new_journey(&rider);
        let written = world.store.insert_journey(&journey, &world.write(rider.id)).await;
        written.map(drop).map_err(|refused| format!("{refused:?}"))
    };
    for (code, is_disk_full) in [(14_031, true), (371, false)] {
        refuse_writes(&database, Some(code)).await;
        // Nobody has written yet.
        world.store.ping().await.unwrap();
        let refused = write().await.unwrap_err();
        assert_eq!(refused.contains("DiskFull"), is_disk_full, "{refused}");
        for _ in 0..3 {
            match world.store.ping().await.unwrap_err() {
                StoreError::DiskFull(_) => assert!(is_disk_full),
                StoreError::Unavailable(_) => assert!(!is_disk_full),
                other => panic!("{other:?}"),
            }
        }
        refuse_writes(&database, None).await;
        write().await.unwrap();
        while world.store.ping().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_collections_is_new() {
    let server = Server::of_one_test();
    let database = TestDatabase::on(&server);
    for is_new in [true, false] {
        let store = MongoStore::open(&settings(&database)).await.unwrap();
        assert_eq!(store.is_new(), is_new);
    }
}
