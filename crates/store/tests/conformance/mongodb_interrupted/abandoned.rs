//! Transactions that a killed process leaves open.

use mongodb::{Client, ClientSession};

use super::*;

/// A transaction of a process that is killed once it has written to an account.
async fn left_open_by(app_name: &str, database: &TestDatabase, rider: &User) -> ClientSession {
    let url = format!("{}&appName={app_name}", database.server_url);
    let client = Client::with_uri_str(url).await.unwrap();
    let mut session = client.start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    let users = client.database(&database.name).collection::<Document>("users");
    let id = bson::oid::ObjectId::from_bytes(rider.id.0.bytes());
    let written = users
        .update_one(doc! { "_id": id }, doc! { "$set": { "theme": "dark" } })
        .session(&mut session)
        .await
        .unwrap();
    assert_eq!(written.matched_count, 1);
    session
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_a_killed_process_left_open_delays_no_write_for_long() {
    let server = Server::of_one_test();
    let database = TestDatabase::on(&server);
    let world = World::new(Arc::new(open(&database).await));
    let rider = world.rider().await;
    let mut session = left_open_by("kairos", &database, &rider).await;
    let journey = world.journey(&rider).await;
    assert_eq!(world.journeys_of(&rider).await, [journey]);
    assert!(session.commit_transaction().await.is_err());
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_of_another_program_goes_on() {
    let server = Server::of_one_test();
    let database = TestDatabase::on(&server);
    let settings = MongoSettings {
        timeout: Duration::from_secs(6),
        ..settings(&database)
    };
    let world = World::new(Arc::new(MongoStore::open(&settings).await.unwrap()));
    let rider = world.rider().await;
    let mut session = left_open_by("another", &database, &rider).await;
    let journey = world.new_journey(&rider);
    let refused = world.store.insert_journey(&journey, &world.write(rider.id)).await;
    assert!(
        matches!(refused, Err(WriteError::Store(StoreError::Unavailable(_)))),
        "{refused:?}"
    );
    session.commit_transaction().await.unwrap();
    world
        .store
        .insert_journey(&journey, &world.write(rider.id))
        .await
        .unwrap();
    world.check().await;
}
