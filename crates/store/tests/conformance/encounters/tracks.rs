//! Tracks follow their markers.

use std::sync::Arc;

use kairos_domain::geo::Position;
use kairos_domain::marker::{Marker, MarkerKind};

use super::{dated, meets, search, staying};
use crate::world::{World, at, day};

/// On which of the first twenty days somebody who waits at a place meets anybody.
async fn days_at(world: &World, place: Position) -> Vec<i64> {
    let nobody = world.user("nobody@example.org");
    let mut days = Vec::new();
    for number in 0..20 {
        let mine = staying(place, number..=number);
        if !meets(world, &search(&nobody, &mine, 0, 1_000.0)).await.is_empty() {
            days.push(number);
        }
    }
    days
}

pub(crate) async fn a_track_follows_every_change_of_its_markers(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let (here, there) = (at(20.0, 0.0), at(20.0, 60.0));
    // Each state is asked for when it may be behind, and when it is not.
    let check = async |at_place: Position, expected: &[i64]| {
        assert_eq!(days_at(world, at_place).await, expected);
        world.store.renew_tracks().await.unwrap();
        assert_eq!(days_at(world, at_place).await, expected);
    };
    let change = async |marker: &Marker| {
        let changed = world.store.update_marker(journey.id, marker.id, &marker.details);
        assert!(changed.await.unwrap().is_some());
    };
    world.plan(&journey, here, day(3)).await;
    check(here, &[3]).await;
    let end = world.plan(&journey, here, day(7)).await;
    check(here, &[3, 4, 5, 6, 7]).await;
    // One in the middle leads elsewhere; then it lies on the way; then it is gone.
    let mut middle = world.plan(&journey, there, day(5)).await;
    check(here, &[3, 7]).await;
    check(there, &[5]).await;
    middle.details.position = here;
    change(&middle).await;
    check(here, &[3, 4, 5, 6, 7]).await;
    middle.details.estimated_time = Some(day(12));
    change(&middle).await;
    check(here, &(3..=12).collect::<Vec<_>>()).await;
    assert!(world.store.delete_marker(journey.id, middle.id).await.unwrap());
    check(here, &[3, 4, 5, 6, 7]).await;
    // The past overtakes the plan: what was planned before it is not how it went.
    let past = world
        .marker_with(&journey, here, |marker| dated(marker, MarkerKind::Past, Some(6)))
        .await;
    check(here, &[6, 7]).await;
    assert!(world.store.delete_marker(journey.id, past.id).await.unwrap());
    let mut undated = end.clone();
    undated.details.estimated_time = None;
    world
        .store
        .update_marker(journey.id, end.id, &undated.details)
        .await
        .unwrap();
    check(here, &[3]).await;
    world.store.delete_journey_with_markers(journey.id).await.unwrap();
    check(here, &[]).await;
}

pub(crate) async fn whatever_was_written_at_once_is_in_the_next_answer(world: &World) {
    let rider = world.rider().await;
    let journey = Arc::new(world.journey(&rider).await);
    let place = at(20.0, 10.0);
    let writers = (0..10_i64).map(|number| {
        let (store, journey) = (Arc::clone(&world.store), Arc::clone(&journey));
        let mut marker = world.new_marker(&journey, place);
        tokio::spawn(async move {
            dated(&mut marker, MarkerKind::Plan, Some(number));
            assert!(store.insert_marker(&marker).await.unwrap());
            for other in [at(0.0, 0.0), place, at(0.0, 1.0), place] {
                marker.details.position = other;
                store
                    .update_marker(journey.id, marker.id, &marker.details)
                    .await
                    .unwrap();
                // Meanwhile it is renewed by several.
                store.renew_tracks().await.unwrap();
            }
        })
    });
    for written in futures_util::future::join_all(writers).await {
        written.unwrap();
    }
    let expected: Vec<_> = (0..10).collect();
    assert_eq!(days_at(world, place).await, expected);
    world.store.renew_tracks().await.unwrap();
    assert_eq!(days_at(world, place).await, expected);
    assert_eq!(world.store.renew_tracks().await.unwrap(), 0);
}
