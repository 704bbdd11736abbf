//! Journeys that may be met.

use kairos_domain::journey::{JourneyStatus, Visibility};

use super::{met, search, staying};
use crate::fixtures::{World, at, day};

pub(crate) async fn what_is_gone_is_not_met(world: &World) {
    let (reader, rider, leaver) = (world.rider().await, world.rider().await, world.rider().await);
    let place = at(0.0, 0.0);
    let own = staying(world, &reader, place, 0..=0).await;
    let deleted = staying(world, &rider, place, 0..=0).await;
    let left = staying(world, &leaver, place, 0..=0).await;
    let search = search(&own, 0, 1_000.0);
    assert_eq!(met(world, &search).await, [deleted.id, left.id]);
    world.delete_journey(&deleted).await;
    assert_eq!(met(world, &search).await, [left.id]);
    world.store.delete_user(&leaver).await.unwrap();
    assert_eq!(met(world, &search).await, []);
    world.delete_journey(&own).await;
    assert_eq!(met(world, &search).await, []);
}

pub(crate) async fn own_private_and_completed_journeys_are_not_met(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let place = at(0.0, 0.0);
    let own = staying(world, &reader, place, 0..=0).await;
    staying(world, &reader, place, 0..=0).await;
    let [hidden, completed, active] = world.private_completed_and_active(&rider).await;
    for journey in [&hidden, &completed, &active] {
        world.plan(journey, place, day(0)).await;
    }
    let search = search(&own, 0, 1_000.0);
    assert_eq!(met(world, &search).await, [active.id]);
    // An answer follows what a journey is now.
    world
        .change_journey(&hidden, |journey| journey.visibility = Visibility::Public)
        .await;
    assert_eq!(met(world, &search).await, [hidden.id, active.id]);
    world
        .change_journey(&active, |journey| journey.status = JourneyStatus::Completed)
        .await;
    assert_eq!(met(world, &search).await, [hidden.id]);
}

pub(crate) async fn a_journey_without_dates_is_not_met(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let place = at(0.0, 0.0);
    let own = staying(world, &reader, place, 0..=9).await;
    let journey = world.journey_at(&rider, &[place]).await;
    // A plan that has a timestamp is undated all the same.
    let marker = world
        .marker_with(&journey, place, |marker| {
            marker.details.timestamp = Some(day(1));
        })
        .await;
    let search = search(&own, 0, 1_000.0);
    assert_eq!(met(world, &search).await, []);
    world
        .change_marker(&marker, |details| details.estimated_time = Some(day(2)))
        .await;
    assert_eq!(met(world, &search).await, [journey.id]);
}
