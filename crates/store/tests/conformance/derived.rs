//! What is derived from other data, in either store: whether that is noticed when it is wrong, and mended.

use bson::{Document, doc};
use kairos_domain::id::JourneyId;
use kairos_store::administration::{Inspect, Record, Transfer};
use kairos_store::sqlite::SqliteStore;
use kairos_test_mongod::{TestDatabase, standalone};
use std::sync::Arc;

use crate::encounters::{meets, search, staying};
use crate::mongodb_database::open;
use crate::world::{World, at, day};

/// Four journeys that are in a place on a day, copied here and drawn: nothing goes on in the background.
async fn fill(world: &World, store: &impl Transfer) -> [JourneyId; 4] {
    let rider = world.rider().await;
    let mut journeys = Vec::new();
    for _ in 0..4 {
        journeys.push(world.journey(&rider).await);
    }
    let mut markers = Vec::new();
    for journey in &journeys {
        for number in [0, 200] {
            let mut marker = world.new_marker(journey, at(10.0, 50.0));
            marker.details.estimated_time = Some(day(number));
            markers.push(Record::Marker(marker));
        }
    }
    assert_eq!(store.add_records(&markers).await.unwrap(), []);
    assert_eq!(store.renew_tracks().await.unwrap(), 4);
    let ids: Vec<_> = journeys.iter().map(|journey| journey.id).collect();
    ids.try_into().unwrap()
}

async fn met(world: &World) -> Vec<JourneyId> {
    let nobody = world.user("nobody@example.org");
    let search = search(&nobody, &staying(at(10.0, 50.0), 0..=0), 0, 1_000.0);
    meets(world, &search).await.into_keys().collect()
}

async fn is_found_and_mended(store: &dyn Inspect, wrong: &[&str]) {
    let findings = store.inspect().await.unwrap().findings;
    let repaired = store.repair().await.unwrap();
    assert_eq!(findings, repaired);
    assert_eq!(repaired.len(), wrong.len(), "{repaired:?}");
    for (told, expected) in repaired.iter().zip(wrong) {
        assert!(told.contains(expected), "{told}");
    }
    assert_eq!(store.inspect().await.unwrap().findings, Vec::<String>::new());
    assert_eq!(store.repair().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_derived_rows_are_wrong_is_repaired() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let store = Arc::new(SqliteStore::open(&path).await.unwrap());
    let world = World::new(Arc::clone(&store) as Arc<_>);
    let journeys = fill(&world, &*store).await;
    let raw = rusqlite::Connection::open(&path).unwrap();
    for (statement, journey) in [
        (
            "UPDATE track_days SET longitude = 99 WHERE journey_id = ?",
            journeys[0],
        ),
        ("DELETE FROM track_days WHERE journey_id = ?", journeys[1]),
        (
            "UPDATE track_days SET day_cell = day_cell + 1 WHERE journey_id = ?",
            journeys[2],
        ),
        // Another machine's sines.
        (
            "UPDATE track_days SET longitude = longitude + 1e-10 WHERE journey_id = ?",
            journeys[3],
        ),
        ("UPDATE markers SET cell = 7 WHERE journey_id = ?", journeys[0]),
    ] {
        raw.execute(statement, [journey.0.bytes()]).unwrap();
    }
    assert_eq!(met(&world).await, [journeys[3]]);
    is_found_and_mended(
        &*store,
        &[
            "markers that the index of places has elsewhere than they are: 2",
            "tracks are not what their markers say: 3",
        ],
    )
    .await;
    assert_eq!(met(&world).await, journeys);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_whose_derived_documents_are_wrong_is_repaired() {
    let database = TestDatabase::on(standalone());
    let store = Arc::new(open(&database).await);
    let world = World::new(Arc::clone(&store) as Arc<_>);
    let journeys = fill(&world, &*store).await;
    let raw = database.database().await;
    let segments = raw.collection::<Document>("track_segments");
    let id = |journey: JourneyId| bson::oid::ObjectId::from_bytes(journey.0.bytes());
    segments
        .update_many(
            doc! { "_id.journey_id": id(journeys[0]) },
            doc! { "$set": { "day_cells": [1_i64] } },
        )
        .await
        .unwrap();
    segments
        .delete_many(doc! { "_id.journey_id": id(journeys[1]) })
        .await
        .unwrap();
    segments
        .insert_one(doc! { "_id": { "journey_id": bson::oid::ObjectId::new(), "span": 1 }, "revision": 1_i64, "day_cells": [1_i64] })
        .await
        .unwrap();
    // Of a later revision than any that the journey had, as when a part of the documents is older than the others.
    segments
        .update_many(
            doc! { "_id.journey_id": id(journeys[2]) },
            doc! { "$set": { "day_cells": [1_i64], "revision": 99_i64 } },
        )
        .await
        .unwrap();
    raw.collection::<Document>("journeys")
        .update_one(
            doc! { "_id": id(journeys[2]) },
            doc! { "$set": { "track_revision": "odd" } },
        )
        .await
        .unwrap();
    let markers = raw.collection::<Document>("markers");
    markers
        .update_many(
            doc! { "journey_id": id(journeys[0]) },
            doc! { "$set": { "cells": [7_i64] } },
        )
        .await
        .unwrap();
    assert_eq!(met(&world).await, [journeys[3]]);
    is_found_and_mended(
        &*store,
        &[
            "markers that the index of places has elsewhere than they are: 2",
            "tracks are not what their markers say: 3",
            "gone but for their tracks: 1",
        ],
    )
    .await;
    assert_eq!(met(&world).await, journeys);
}

/// Markers that are copied come without tracks: they are asked themselves until the tracks are drawn.
async fn are_met_when_copied(store: Arc<impl Transfer + 'static>) {
    let world = World::new(Arc::clone(&store) as Arc<_>);
    let journeys = fill(&world, &*store).await;
    let rider = world.store.journey(journeys[0]).await.unwrap().unwrap().user_id;
    let user = world.store.user(rider).await.unwrap().unwrap();
    let mut copied = world.new_journey(&user);
    copied.name = kairos_domain::text::Name::parse("Copied").unwrap();
    let mut marker = world.new_marker(&copied, at(10.0, 50.0));
    marker.details.estimated_time = Some(day(0));
    let id = copied.id;
    store.add_records(&[Record::Journey(copied)]).await.unwrap();
    store.add_records(&[Record::Marker(marker)]).await.unwrap();
    let expected = [&journeys[..], &[id]].concat();
    assert_eq!(met(&world).await, expected);
    assert_eq!(store.renew_tracks().await.unwrap(), 1);
    assert_eq!(met(&world).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn journeys_are_met_when_their_markers_were_copied_into_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("kairos.db"))
        .await
        .unwrap();
    are_met_when_copied(Arc::new(store)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn journeys_are_met_when_their_markers_were_copied_into_a_database() {
    let database = TestDatabase::on(standalone());
    are_met_when_copied(Arc::new(open(&database).await)).await;
}
