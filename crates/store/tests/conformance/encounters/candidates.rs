//! Who may be met, and where they are.

use std::collections::BTreeMap;

use kairos_domain::discovery::{DatedMarker, Track};
use kairos_domain::geo::Position;
use kairos_domain::journey::Visibility;
use kairos_domain::marker::MarkerKind;

use super::{dated, meets, search, staying};
use crate::world::{World, at, day};

pub(crate) async fn what_is_gone_is_not_met(world: &World) {
    let (reader, rider, leaver) = (world.rider().await, world.rider().await, world.rider().await);
    let place = at(0.0, 0.0);
    let (deleted, left) = (world.journey(&rider).await, world.journey(&leaver).await);
    world.plan(&deleted, place, day(0)).await;
    world.plan(&left, place, day(0)).await;
    let search = search(&reader, &staying(place, 0..=0), 0, 1_000.0);
    assert_eq!(meets(world, &search).await.len(), 2);
    world.store.delete_journey_with_markers(deleted.id).await.unwrap();
    world.store.delete_user_with_everything(leaver.id).await.unwrap();
    assert_eq!(meets(world, &search).await, BTreeMap::new());
    let candidates = world
        .store
        .encounter_candidates(&[deleted.id, left.id], &search)
        .await;
    assert_eq!(candidates.unwrap(), []);
}

pub(crate) async fn a_candidate_has_its_rider_and_its_track(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let journey = world.journey(&rider).await;
    let high = Position::new(1.0, 2.0, Some(2_300.5)).unwrap();
    let plan = world.plan(&journey, high, day(5)).await;
    world.marker(&journey, at(0.0, 0.0)).await;
    let past = world
        .marker_with(&journey, at(3.0, 4.0), |marker| {
            dated(marker, MarkerKind::Past, Some(4));
        })
        .await;
    let gone = world.plan(&journey, high, day(6)).await;
    world.store.delete_marker(journey.id, gone.id).await.unwrap();
    let absent = world.new_journey(&rider);
    let search = search(&reader, &staying(high, 0..=9), 0, 1_000.0);
    let drawn = Track::from_markers(&[past, plan].map(|marker| DatedMarker::of(&marker).unwrap()));
    // Behind its markers, and drawn.
    for _ in 0..2 {
        let ids = [absent.id, journey.id];
        let found = world.store.encounter_candidates(&ids, &search).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].journey, journey);
        assert_eq!(found[0].rider, rider);
        assert_eq!(found[0].track, drawn);
        world.store.renew_tracks().await.unwrap();
    }
}

pub(crate) async fn nobody_is_a_candidate_who_must_not_be_met(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let [hidden, completed, active] = world.private_completed_and_active(&rider).await;
    let own = world.journey(&reader).await;
    let ids = [&hidden, &completed, &active, &own].map(|journey| journey.id);
    let search = search(&reader, &staying(at(0.0, 0.0), 0..=9), 0, 1_000.0);
    let candidates = world.store.encounter_candidates(&ids, &search).await.unwrap();
    assert_eq!(candidates.len(), 1);
    assert_eq!(
        (&candidates[0].journey, &candidates[0].track),
        (&active, &Track::default())
    );
}

pub(crate) async fn the_dated_markers_of_a_journey_are_all_that_have_a_day(world: &World) {
    let rider = world.rider().await;
    let journey = world
        .journey_with(&rider, |journey| journey.visibility = Visibility::Private)
        .await;
    let dated_marker = world.plan(&journey, at(1.0, 2.0), day(3)).await;
    // A plan that has a timestamp is undated all the same.
    world
        .marker_with(&journey, at(1.0, 2.0), |marker| {
            marker.details.timestamp = Some(day(1));
        })
        .await;
    let dated = world.store.dated_markers_of(journey.id).await.unwrap();
    assert_eq!(dated, [DatedMarker::of(&dated_marker).unwrap()]);
}
