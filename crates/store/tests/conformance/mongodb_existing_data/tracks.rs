use std::collections::BTreeSet;

use kairos_domain::discovery::{DayPosition, MeetingSearch};
use kairos_domain::store::EncounterSearch;

use super::*;
use crate::encounters::meets;

const DAY: i64 = 86_400_000;

/// A plan of the earlier service for a day in 2024.
fn plan(number: i64, longitude: f64) -> Document {
    doc! {
        "estimated_time": date((20_000 + number) * DAY + 1_000),
        "coordinates": { "type": "Point", "coordinates": [longitude, 0.0] },
    }
}

/// Whom somebody meets who waits at a place on the first ten of those days.
async fn met_at(world: &World, longitude: f64) -> BTreeSet<JourneyId> {
    let mine: Vec<_> = (0..10)
        .map(|number| DayPosition {
            date: chrono::DateTime::from_timestamp_millis((20_000 + number) * DAY)
                .unwrap()
                .date_naive(),
            position: at(longitude, 0.0),
        })
        .collect();
    let search = EncounterSearch {
        meetings: MeetingSearch::new(&mine, 0, 1_000.0),
        except_owner: UserId(world.id()),
    };
    meets(world, &search).await.into_keys().collect()
}

/// What is done now and then: markers are put into the index of places, and tracks are drawn.
async fn tidy(world: &World) {
    world.store.adopt_markers().await.unwrap();
    world.store.renew_tracks().await.unwrap();
}

async fn segments(existing: &Existing) -> u64 {
    let segments = existing.database.collection::<Document>("track_segments");
    segments.count_documents(doc! {}).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn journeys_are_met_before_and_after_their_tracks_are_drawn() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let mut journeys = BTreeSet::new();
    for _ in 0..120 {
        let journey = existing.journey(ann, doc! {}).await;
        existing.marker(journey, plan(2, 10.0)).await;
        existing.marker(journey, plan(4, 14.0)).await;
        journeys.insert(journey);
    }
    let world = existing.start().await;
    // Half-way, on the day between.
    assert_eq!(met_at(&world, 12.0).await, journeys);
    tidy(&world).await;
    assert_eq!(segments(&existing).await, 120);
    assert_eq!(met_at(&world, 12.0).await, journeys);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_earlier_service_goes_on_writing_is_met() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let journey = existing.journey(ann, doc! {}).await;
    existing.marker(journey, plan(2, 10.0)).await;
    let world = existing.start().await;
    tidy(&world).await;
    // A new journey of its is met at once, a marker on a journey whose track is drawn when it is tidied up.
    let later = existing.journey(ann, doc! {}).await;
    existing.marker(later, plan(2, 20.0)).await;
    assert_eq!(met_at(&world, 20.0).await, BTreeSet::from([later]));
    existing.marker(journey, plan(5, 20.0)).await;
    tidy(&world).await;
    assert_eq!(met_at(&world, 20.0).await, BTreeSet::from([journey, later]));
    assert_eq!(met_at(&world, 10.0).await, BTreeSet::from([journey]));
}
