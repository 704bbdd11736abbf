//! Derived data: whether an inspection notices that it is wrong, and a repair mends it. Each kind of store
//! has its own ways to be wrong.

use std::sync::Arc;

use kairos_domain::id::JourneyId;
use kairos_domain::journey::Journey;
use kairos_store::administration::{AdminStore, Record};
use kairos_store::sqlite::SqliteStore;

use crate::encounters::{met, search, staying};
use crate::fixtures::{World, at, day};

/// Four journeys that are in a place on a day, and the one of a rider who waits there.
pub(crate) async fn fill(world: &World) -> (Journey, [JourneyId; 4]) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let waiting = staying(world, &reader, at(10.0, 50.0), 0..=0).await;
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
    assert_eq!(world.store.add_records(&markers).await.unwrap(), []);
    let ids: Vec<_> = journeys.iter().map(|journey| journey.id).collect();
    (waiting, ids.try_into().unwrap())
}

/// The journeys that are met by one that waits.
pub(crate) async fn met_by(world: &World, waiting: &Journey) -> Vec<JourneyId> {
    met(world, &search(waiting, 0, 1_000.0)).await
}

pub(crate) async fn is_found_and_mended(store: &dyn AdminStore, wrong: &[&str]) {
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
    let world = World::new(Arc::new(SqliteStore::open(&path).await.unwrap()));
    let (waiting, journeys) = fill(&world).await;
    let raw = rusqlite::Connection::open(&path).unwrap();
    for id in journeys {
        let journey = world.store.journey(id, waiting.user_id).await.unwrap().unwrap();
        world.put_lines(&journey).await;
    }
    for (statement, journey) in [
        (
            "UPDATE itinerary_days SET longitude = 99 WHERE journey_id = ?",
            journeys[0],
        ),
        ("DELETE FROM itinerary_days WHERE journey_id = ?", journeys[1]),
        (
            "UPDATE itinerary_days SET day_cell = day_cell + 1 WHERE journey_id = ?",
            journeys[2],
        ),
        // Another machine's sines.
        (
            "UPDATE itinerary_days SET longitude = longitude + 1e-10 WHERE journey_id = ?",
            journeys[3],
        ),
        (
            "UPDATE lines SET metres = metres + 1 WHERE kind = 0 AND journey_id = ?",
            journeys[0],
        ),
        (
            "UPDATE lines SET bytes = 7 WHERE kind = 1 AND journey_id = ?",
            journeys[0],
        ),
        (
            "UPDATE lines SET version = zeroblob(16) WHERE kind = 0 AND journey_id = ?",
            journeys[1],
        ),
        (
            "UPDATE lines SET simplified = x'' WHERE kind = 1 AND journey_id = ?",
            journeys[1],
        ),
        ("DELETE FROM lines WHERE kind = 1 AND journey_id = ?", journeys[2]),
        // Another machine's sines, again.
        (
            "UPDATE lines SET metres = metres + 0.001 WHERE journey_id = ?",
            journeys[3],
        ),
        ("UPDATE markers SET cell = 7 WHERE journey_id = ?", journeys[0]),
        ("UPDATE journeys SET markers_held = 7 WHERE id = ?", journeys[1]),
        ("UPDATE journeys SET bytes_held = 7 WHERE id = ?", journeys[2]),
        (
            "UPDATE users SET journeys_held = 9 WHERE id = (SELECT user_id FROM journeys WHERE id = ?)",
            journeys[0],
        ),
    ] {
        raw.execute(statement, [journey.0.bytes()]).unwrap();
    }
    assert_eq!(met_by(&world, &waiting).await, [journeys[3]]);
    is_found_and_mended(
        &*world.store,
        &[
            "markers that the spatial index has elsewhere than they are: 2",
            "itineraries are not what their markers say: 3",
            "lines whose version, length, bytes or simplification are not what their positions say: 5",
            "journeys whose counted markers or bytes are wrong: 2",
            "riders whose counted journeys or bytes are wrong: 1",
        ],
    )
    .await;
    assert_eq!(met_by(&world, &waiting).await, journeys);
}
