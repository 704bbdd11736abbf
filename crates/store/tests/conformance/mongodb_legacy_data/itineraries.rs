use std::collections::BTreeSet;

use kairos_domain::store::EncounterSearch;

use super::*;

pub(super) const DAY: i64 = 86_400_000;

/// A plan of the earlier service for a day in 2024.
pub(super) fn plan(number: i64, longitude: f64) -> Document {
    doc! {
        "estimated_time": date((20_000 + number) * DAY + 1_000),
        "coordinates": { "type": "Point", "coordinates": [longitude, 0.0] },
    }
}

/// Whom somebody meets who waits at a place on the first ten of those days.
pub(super) async fn met_at(world: &World, longitude: f64) -> BTreeSet<JourneyId> {
    let reader = world.rider().await;
    let waiting = world.journey(&reader).await;
    for number in 0..10 {
        let date = chrono::DateTime::from_timestamp_millis((20_000 + number) * DAY);
        world
            .plan(&waiting, at(longitude, 0.0), date.unwrap().date_naive())
            .await;
    }
    let search = EncounterSearch {
        journey_id: waiting.id,
        rider: reader.id,
        today: NaiveDate::MAX,
        from: NaiveDate::MIN,
        to: None,
        within_days: 0,
        max_distance_metres: 1_000.0,
    };
    let met = world.store.encounters(&search, 500).await.unwrap();
    world.store.delete_user(&reader).await.unwrap();
    met.into_iter().map(|met| met.journey.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn journeys_of_the_earlier_service_are_met() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let mut journeys = BTreeSet::new();
    for _ in 0..15 {
        let journey = existing.journey(ann, doc! {}).await;
        existing.marker(journey, plan(2, 10.0)).await;
        existing.marker(journey, plan(4, 14.0)).await;
        journeys.insert(journey);
    }
    let world = existing.start_and_migrate().await;
    // Half-way, on the day between.
    assert_eq!(met_at(&world, 12.0).await, journeys);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_earlier_service_goes_on_writing_is_met_when_it_is_migrated() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let journey = existing.journey(ann, doc! {}).await;
    existing.marker(journey, plan(2, 10.0)).await;
    let world = existing.start_and_migrate().await;
    let later = existing.journey(ann, doc! {}).await;
    existing.marker(later, plan(2, 20.0)).await;
    existing.marker(journey, plan(5, 20.0)).await;
    world.migrate().await;
    assert_eq!(met_at(&world, 20.0).await, BTreeSet::from([journey, later]));
    assert_eq!(met_at(&world, 10.0).await, BTreeSet::from([journey]));
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journey_that_is_written_to_is_migrated_in_the_same_act() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let world = existing.start_and_migrate().await;
    let mut journeys = Vec::new();
    for _ in 0..4 {
        let id = existing.journey(ann, doc! {}).await;
        let first = existing.marker(id, plan(2, 10.0)).await;
        existing.marker(id, plan(4, 14.0)).await;
        journeys.push((world.own_journey(id, ann).await, first));
    }
    let [(added, _), (changed, first), (renamed, _), (emptied, gone)] = &journeys[..] else {
        panic!("four journeys");
    };
    world.marker(added, at(30.0, 0.0)).await;
    let marker = world.store.marker(changed.id, *first).await.unwrap().unwrap();
    world
        .change_marker(&marker, |details| details.position = at(10.0, 0.0))
        .await;
    let name = |journey: &mut Journey| journey.name = Name::parse("New road").unwrap();
    world.change_journey(renamed, name).await;
    let marker = world.store.marker(emptied.id, *gone).await.unwrap().unwrap();
    world.delete_marker(&marker).await;
    // Nobody has migrated anything else.
    world.check().await;
    let met = BTreeSet::from([added.id, changed.id, renamed.id]);
    assert_eq!(met_at(&world, 12.0).await, met);
    assert_eq!(met_at(&world, 14.0).await.len(), 4);
}
