//! Changes of many markers at once.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use kairos_domain::id::{MarkerId, UserId};
use kairos_domain::journey::Journey;
use kairos_domain::line::LineKind;
use kairos_domain::marker::{Marker, MarkerKind};
use kairos_domain::store::{ContentsChange, IdempotencyRecord, MarkerChange, Write, WriteError};
use kairos_domain::text::Name;
use kairos_domain::usage::{Bound, JourneyUsage};

use crate::contents::{inserts, parts};
use crate::fixtures::lines::{line_change, route, schedule, schedule_change, track};
use crate::fixtures::{World, at, day, now};

/// Markers with days in no order, several of them on each day.
pub(crate) fn many(world: &World, journey: &Journey, count: i64) -> Vec<Marker> {
    let marker = |number: i64| {
        let place = at((number * 7 % 300) as f64 - 150.0, (number % 100) as f64 - 50.0);
        let mut marker = world.new_marker(journey, place);
        let date = day(number * 31 % 97);
        match number % 3 {
            0 => marker.details.estimated_time = Some(date),
            1 => {
                marker.details.kind = MarkerKind::Past;
                marker.details.timestamp = Some(date);
            }
            _ => {}
        }
        marker
    };
    (0..count).map(marker).collect()
}

fn in_riding_order(markers: impl IntoIterator<Item = Marker>) -> Vec<Marker> {
    let mut markers: Vec<_> = markers.into_iter().collect();
    markers.sort_by_key(Marker::riding_order);
    markers
}

pub(crate) async fn a_thousand_markers_change_at_once(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let there = many(world, &journey, 1_000);
    world.add_markers(&there).await;
    let mut expected: BTreeMap<MarkerId, Marker> =
        there.iter().map(|marker| (marker.id, marker.clone())).collect();
    let mut changes = Vec::new();
    for (number, (marker, added)) in there.into_iter().zip(many(world, &journey, 1_000)).enumerate() {
        match number % 3 {
            0 => {
                expected.insert(added.id, added.clone());
                changes.push(MarkerChange::Insert(added));
            }
            1 => {
                let after = Marker {
                    details: added.details,
                    ..marker.clone()
                };
                expected.insert(after.id, after.clone());
                changes.push(MarkerChange::Replace {
                    before: marker,
                    after,
                });
            }
            _ => {
                expected.remove(&marker.id);
                changes.push(MarkerChange::Delete(marker));
            }
        }
    }
    let change = ContentsChange {
        markers: changes,
        ..ContentsChange::none(journey.id)
    };
    world.change(&journey, &change).await.unwrap();
    assert_eq!(
        world.markers_of(&journey).await,
        in_riding_order(expected.into_values())
    );
    let again = world.change(&journey, &change).await;
    assert!(again.is_err());
}

pub(crate) async fn ten_thousand_markers_are_added_with_their_journey(world: &World) {
    let rider = world.rider().await;
    let journey = world.new_journey(&rider);
    let markers = many(world, &journey, JourneyUsage::MAX_MARKERS);
    let contents = ContentsChange {
        route: line_change(&journey, LineKind::Route, None, Some(&route(0..500))).route,
        track: line_change(&journey, LineKind::Track, None, Some(&track(0..500))).track,
        schedule: schedule_change(&journey, None, Some(schedule(80_000))).schedule,
        ..inserts(&journey, &markers)
    };
    let write = world.write(rider.id);
    world
        .store
        .insert_journey_with(&journey, &contents, &write)
        .await
        .unwrap();
    assert_eq!(world.journeys_of(&rider).await, std::slice::from_ref(&journey));
    let expected = (
        in_riding_order(markers),
        [Some(route(0..500)), Some(track(0..500))],
        Some(schedule(80_000)),
    );
    assert_eq!(parts(world, &journey).await, expected);
}

pub(crate) async fn of_many_changes_of_one_marker_at_once_one_is_carried_out_wholly(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let shared = world.plan(&journey, at(1.0, 2.0), day(0)).await;
    let changes: Vec<_> = (0..10)
        .map(|number| {
            let mut after = shared.clone();
            after.details.name = Name::parse(&format!("Number {number}")).unwrap();
            let mut change = inserts(&journey, &many(world, &journey, 5));
            let before = shared.clone();
            change
                .markers
                .insert(number % 6, MarkerChange::Replace { before, after });
            change
        })
        .collect();
    let outcomes = join_all(changes.iter().map(|change| world.change(&journey, change))).await;
    let winners: Vec<_> = (0..10).filter(|index| outcomes[*index].is_ok()).collect();
    assert_eq!(winners.len(), 1, "{outcomes:?}");
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, WriteError::Changed), "{refused}");
    }
    let expected = changes[winners[0]].markers.iter();
    let expected = in_riding_order(expected.filter_map(|change| change.after().cloned()));
    assert_eq!(world.markers_of(&journey).await, expected);
}

pub(crate) async fn of_many_changes_at_once_under_one_key_one_acts(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let keyed = |key: &str, markers: &[Marker]| Write {
        key: Some(IdempotencyRecord {
            key: key.to_owned(),
            request: [7; 32],
            status: 200,
            ids: markers.iter().map(|marker| marker.id.0).collect(),
        }),
        ..world.write(rider.id)
    };
    let outcomes = join_all((0..10).map(|_| async {
        let markers = many(world, &journey, 5);
        let write = keyed("batch", &markers);
        world
            .store
            .change_contents(&inserts(&journey, &markers), &write)
            .await
    }));
    for refused in outcomes.await.into_iter().filter_map(Result::err) {
        let is_taken = matches!(refused, WriteError::KeyTaken | WriteError::KeyBusy);
        assert!(is_taken, "{refused}");
    }
    let mut made: Vec<_> = world
        .markers_of(&journey)
        .await
        .iter()
        .map(|marker| marker.id.0)
        .collect();
    made.sort_unstable();
    let record = async |rider: UserId, key: &str| {
        let record = world.store.idempotency_record(rider, key, now()).await;
        record.unwrap().map(|record| record.ids)
    };
    assert_eq!(made.len(), 5);
    assert_eq!(record(rider.id, "batch").await, Some(made));
    // The ids come back in the order of the request. A refused change remembers no key.
    let imported = world.new_journey(&rider);
    let mut markers = many(world, &imported, 5);
    markers.reverse();
    let write = keyed("import", &markers);
    let contents = inserts(&imported, &markers);
    let stale = ContentsChange {
        schedule: schedule_change(&imported, Some(schedule(1_234)), None).schedule,
        ..contents.clone()
    };
    let refused = world.store.insert_journey_with(&imported, &stale, &write).await;
    assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
    assert_eq!(record(rider.id, "import").await, None);
    world
        .store
        .insert_journey_with(&imported, &contents, &write)
        .await
        .unwrap();
    let ids = markers.iter().map(|marker| marker.id.0).collect();
    assert_eq!(record(rider.id, "import").await, Some(ids));
}

pub(crate) async fn the_bounds_are_judged_by_what_is_left(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let markers = many(world, &journey, JourneyUsage::MAX_MARKERS);
    world.add_markers(&markers).await;
    let exchange = |removed: &[Marker], added: i64| {
        let mut change = inserts(&journey, &many(world, &journey, added));
        change
            .markers
            .extend(removed.iter().cloned().map(MarkerChange::Delete));
        change
    };
    let refused = world.change(&journey, &exchange(&markers[..500], 501)).await;
    assert!(
        matches!(refused, Err(WriteError::Full(Bound::Markers))),
        "{refused:?}"
    );
    assert_eq!(world.markers_of(&journey).await, in_riding_order(markers.clone()));
    world
        .change(&journey, &exchange(&markers[..500], 500))
        .await
        .unwrap();
    world
        .change(&journey, &exchange(&markers[500..1_000], 0))
        .await
        .unwrap();
    let held = world.markers_of(&journey).await.len() as i64;
    assert_eq!(held, JourneyUsage::MAX_MARKERS - 500);
}
