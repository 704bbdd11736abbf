//! What only the store in a MongoDB database has to do.

use std::sync::Arc;
use std::time::Duration;

use bson::{Document, doc};
use futures_util::TryStreamExt as _;
use kairos_domain::journey::JourneyStatus;
use kairos_domain::store::{Around, NearbySearch, Page, StoreError, WriteError};
use kairos_store::administration::{AdminStore as _, RecordKind};
use kairos_store::mongodb::{MongoSettings, MongoStore};
use kairos_test_mongod::{Server, TestDatabase, replica_set, standalone};

use crate::derived::{fill, is_found_and_mended, met_by};
use crate::fixtures::{World, at};

/// Runs a case on a database of its own.
pub(crate) async fn on_a_fresh_database(server: &Server, case: impl AsyncFnOnce(&World)) {
    let database = TestDatabase::on(server);
    let world = World::new(Arc::new(open(&database).await));
    case(&world).await;
}

pub(crate) async fn open(database: &TestDatabase) -> MongoStore {
    MongoStore::open(&settings(database)).await.unwrap()
}

/// Opens a store whose calls have little time: on a busy machine the first attempts may fail.
pub(crate) async fn open_hurriedly(settings: &MongoSettings) -> MongoStore {
    loop {
        if let Ok(store) = MongoStore::open(settings).await {
            return store;
        }
    }
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
        url: format!("{}&appName=searching", database.server_url),
        max_connections: 4,
        ..settings(&database)
    };
    let world = World::new(Arc::new(MongoStore::open(&settings).await.unwrap()));
    let (rider, other) = (world.rider().await, world.rider().await);
    delay(&database, "searching", "count", 3_000).await;
    let search = NearbySearch {
        around: Around::Point(at(0.0, 0.0)),
        radius_metres: 1.0,
        reader: rider.id,
        except_owner: rider.id,
        include_completed: true,
        limit: 1,
    };
    let searches: Vec<_> = (0..20)
        .map(|_| {
            let (store, search) = (Arc::clone(&world.store), search.clone());
            tokio::spawn(async move { store.nearby(&search).await })
        })
        .collect();
    for _ in 0..50 {
        assert_eq!(world.store.user(rider.id).await.unwrap().as_ref(), Some(&rider));
        assert_eq!(world.journeys_of(&other).await, []);
    }
    assert!(searches.iter().all(|search| !search.is_finished()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_read_at_once_each_gets_their_own() {
    let database = TestDatabase::on(replica_set());
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

/// The time of a response would otherwise tell a private journey from an unknown one.
#[tokio::test(flavor = "multi_thread")]
async fn the_server_sends_no_private_journey_for_others() {
    let database = TestDatabase::on(replica_set());
    let world = World::new(Arc::new(open(&database).await));
    let (owner, other) = (world.rider().await, world.rider().await);
    let private = world.private_completed_and_active(&owner).await[0].clone();
    let hidden = world
        .change_journey(&private, |journey| journey.status = JourneyStatus::Active)
        .await;
    let raw = database.database().await;
    raw.run_command(doc! { "profile": 2 }).await.unwrap();
    let store = &world.store;
    assert_eq!(store.journey(hidden.id, other.id).await.unwrap(), None);
    assert_eq!(
        store.rider_and_journey(other.id, hidden.id).await.unwrap().1,
        None
    );
    assert_eq!(store.active_journey(owner.id, other.id).await.unwrap(), None);
    let page = Page {
        after: None,
        limit: 9,
    };
    assert_eq!(store.markers_of(hidden.id, other.id, page).await.unwrap(), None);
    raw.run_command(doc! { "profile": 0 }).await.unwrap();
    let profile = raw.collection::<Document>("system.profile");
    let reads = doc! { "ns": format!("{}.journeys", database.name), "op": "query" };
    let reads: Vec<_> = profile.find(reads).await.unwrap().try_collect().await.unwrap();
    assert_eq!(reads.len(), 4, "{reads:?}");
    assert!(
        reads
            .iter()
            .all(|read| matches!(read.get_i32("nreturned"), Ok(0))),
        "{reads:?}"
    );
    // The owner's read may share a call with that of another rider.
    let reads = (0..40).map(|number| {
        let (reader, expected) = match number % 2 {
            0 => (owner.id, Some(&hidden)),
            _ => (other.id, None),
        };
        let hidden = hidden.id;
        async move { assert_eq!(store.journey(hidden, reader).await.unwrap().as_ref(), expected) }
    });
    futures_util::future::join_all(reads).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standalone_server_is_refused_in_a_line_that_says_what_to_do() {
    let database = TestDatabase::on(standalone());
    let refused = MongoStore::open(&settings(&database))
        .await
        .unwrap_err()
        .to_string();
    assert!(!refused.contains('\n'), "{refused}");
    for word in ["--replSet", "rs.initiate", "directConnection=true", "127.0.0.1:"] {
        assert!(refused.contains(word), "{refused}");
    }
    let names = database.database().await.list_collection_names().await.unwrap();
    assert_eq!(names, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_a_standalone_server_and_writes_nothing() {
    let database = TestDatabase::on(standalone());
    let raw = database.database().await;
    let id = |number| bson::oid::ObjectId::from_bytes([number; 12]);
    for (collection, document) in [
        (
            "users",
            doc! { "_id": id(1), "email": "ann@example.org", "password": "$2b$12$hash" },
        ),
        (
            "journeys",
            doc! { "_id": id(2), "user_id": id(1), "name": "Old road" },
        ),
        (
            "markers",
            doc! {
                "_id": id(3), "journey_id": id(2), "marker_type": "plan", "coordinates": { "type": "Point", "coordinates": [1, 2] },
            },
        ),
    ] {
        raw.collection::<Document>(collection)
            .insert_one(document)
            .await
            .unwrap();
    }
    let store = MongoStore::open_to_read(&settings(&database)).await.unwrap();
    for kind in RecordKind::ALL {
        let page = store.records_after(kind, None, 10).await.unwrap();
        let is_there = matches!(
            kind,
            RecordKind::Users | RecordKind::Journeys | RecordKind::Markers
        );
        assert_eq!(page.records.len(), usize::from(is_there), "{kind:?}");
    }
    let inspection = store.inspect().await.unwrap();
    assert!(
        inspection.database.ends_with("standalone"),
        "{}",
        inspection.database
    );
    assert_eq!(inspection.findings.len(), 3, "{:?}", inspection.findings);
    let mut names = raw.list_collection_names().await.unwrap();
    names.sort_unstable();
    assert_eq!(names, ["journeys", "markers", "users"]);
    let indexes = raw
        .collection::<Document>("markers")
        .list_index_names()
        .await
        .unwrap();
    assert_eq!(indexes, ["_id_"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_takes_too_long_is_given_up_and_leaves_nothing() {
    let server = Server::of_one_test();
    let database = TestDatabase::on(&server);
    let world = World::new(Arc::new(open(&database).await));
    let settings = MongoSettings {
        url: format!("{}&appName=slow", database.server_url),
        timeout: Duration::from_millis(500),
        ..settings(&database)
    };
    let slow = World::new(Arc::new(open_hurriedly(&settings).await));
    let rider = world.rider().await;
    delay(&database, "slow", "insert", 2_000).await;
    let journey = world.new_journey(&rider);
    let given_up = slow.store.insert_journey(&journey, &world.write(rider.id)).await;
    assert!(
        matches!(given_up, Err(WriteError::Store(StoreError::Unavailable(_)))),
        "{given_up:?}"
    );
    // What it held is free at once or soon: another write succeeds within its own time.
    world
        .store
        .insert_journey(&world.new_journey(&rider), &world.write(rider.id))
        .await
        .unwrap();
    assert_eq!(world.store.journey(journey.id, rider.id).await.unwrap(), None);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_whose_derived_documents_are_wrong_is_repaired() {
    let database = TestDatabase::on(replica_set());
    let world = World::new(Arc::new(open(&database).await));
    let (waiting, journeys) = fill(&world).await;
    let raw = database.database().await;
    let [first, second, third, _] =
        journeys.map(|journey| bson::oid::ObjectId::from_bytes(journey.0.bytes()));
    let spans = raw.collection::<Document>("itinerary_spans");
    let wrong_cells = doc! { "$set": { "day_cells": [1_i64] } };
    for id in [first, third] {
        let of_journey = doc! { "_id.journey_id": id };
        spans.update_many(of_journey, wrong_cells.clone()).await.unwrap();
    }
    spans
        .delete_many(doc! { "_id.journey_id": second })
        .await
        .unwrap();
    let orphan =
        doc! { "_id": { "journey_id": bson::oid::ObjectId::new(), "span": 1 }, "day_cells": [1_i64] };
    spans.insert_one(orphan).await.unwrap();
    let markers = raw.collection::<Document>("markers");
    let wrong_cells = doc! { "$set": { "derived.cells": [7_i64] } };
    markers
        .update_many(doc! { "journey_id": first }, wrong_cells)
        .await
        .unwrap();
    for (field, id) in [("usage.markers", second), ("usage.bytes", third)] {
        let wrong = doc! { "$set": { field: 7_i64 } };
        let journeys = raw.collection::<Document>("journeys");
        journeys.update_one(doc! { "_id": id }, wrong).await.unwrap();
    }
    assert_eq!(met_by(&world, &waiting).await, [journeys[3]]);
    is_found_and_mended(
        &*world.store,
        &[
            "markers that the spatial index has elsewhere than they are: 2",
            "itineraries are not what their markers say: 3",
            "journeys whose counted markers or bytes are wrong: 2",
            "riders whose counted journeys or bytes are wrong: 1",
            "gone but for their itineraries, lines or schedules: 1",
        ],
    )
    .await;
    assert_eq!(met_by(&world, &waiting).await, journeys);
}
