//! Journeys near some places.

mod brute_force;

use std::time::Duration;

use kairos_domain::geo::{Distance, Position, distance};
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::marker::Marker;
use kairos_domain::store::{Around, NearbySearch};
use kairos_domain::user::User;

pub(crate) use brute_force::*;

use crate::fixtures::{World, at, day};

/// Journey, nearest marker and distance of each that is found.
async fn found(world: &World, search: &NearbySearch) -> Vec<(JourneyId, MarkerId, Distance)> {
    let found = world.store.nearby(search).await.unwrap();
    found
        .into_iter()
        .map(|near| (near.journey.id, near.marker_id, near.distance))
        .collect()
}

fn around(reader: &User, origin: Position, radius_metres: f64) -> NearbySearch {
    NearbySearch {
        around: Around::Point(origin),
        radius_metres,
        reader: reader.id,
        except_owner: reader.id,
        include_completed: true,
        limit: 500,
    }
}

pub(crate) async fn the_nearest_of_two_markers_speaks_for_its_journey(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let journey = world.journey(&rider).await;
    world.marker(&journey, at(0.0, 0.5)).await;
    let high = Position::new(0.0, 0.25, Some(2_300.5)).unwrap();
    let near = world.marker(&journey, high).await;
    let search = around(&reader, at(0.0, 0.0), 100_000.0);
    let expected = (journey.id, near.id, distance(at(0.0, 0.0), at(0.0, 0.25)));
    assert_eq!(found(world, &search).await, [expected]);
    let matches = world.store.nearby(&search).await.unwrap();
    assert_eq!(matches[0].journey, journey);
    assert_eq!(matches[0].position, at(0.0, 0.25));
}

pub(crate) async fn own_private_and_completed_journeys_are_left_out(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let place = at(10.0, 50.0);
    let own = world.journey(&reader).await;
    let [hidden, completed, active] = world.private_completed_and_active(&rider).await;
    for journey in [&own, &hidden, &completed, &active] {
        world.marker(journey, place).await;
    }
    let ids = async |search: &NearbySearch| {
        let found = found(world, search).await.into_iter();
        found.map(|(journey, ..)| journey).collect::<Vec<_>>()
    };
    let search = around(&reader, place, 1_000.0);
    assert_eq!(ids(&search).await, [completed.id, active.id]);
    let search = NearbySearch {
        include_completed: false,
        ..search
    };
    assert_eq!(ids(&search).await, [active.id]);
    let search = NearbySearch {
        around: Around::Journey(active.id),
        ..search
    };
    assert_eq!(ids(&search).await, []);
}

pub(crate) async fn whose_a_journey_is_counts_and_not_who_put_the_marker_there(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let place = at(10.0, 50.0);
    let (own, other) = (world.journey(&reader).await, world.journey(&rider).await);
    let by = |author: &User| {
        let owner_id = author.id;
        move |marker: &mut Marker| marker.owner_id = owner_id
    };
    world.marker_with(&own, place, by(&rider)).await;
    world.marker_with(&other, place, by(&reader)).await;
    let near = found(world, &around(&reader, place, 1_000.0)).await;
    assert_eq!(
        near.into_iter().map(|(id, ..)| id).collect::<Vec<_>>(),
        [other.id]
    );
}

pub(crate) async fn ties_go_by_journey_and_within_it_by_marker(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let place = at(10.0, 50.0);
    let mut expected = Vec::new();
    for _ in 0..5 {
        let journey = world.journey(&rider).await;
        let first = world.marker(&journey, place).await;
        world.marker(&journey, place).await;
        expected.push((journey.id, first.id, Distance::default()));
    }
    let search = around(&reader, place, 0.0);
    assert_eq!(found(world, &search).await, expected);
    let search = NearbySearch { limit: 3, ..search };
    assert_eq!(found(world, &search).await, expected[..3]);
}

pub(crate) async fn the_rim_belongs_to_the_circle(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let journey = world.journey(&rider).await;
    world.marker(&journey, at(0.0, 1.0)).await;
    // The distance is 111 318.84502… m, which counts as 111 318.845 m.
    for (radius, is_found) in [(111_318.845, true), (111_318.844_9, false), (111_318.844, false)] {
        let search = around(&reader, at(0.0, 0.0), radius);
        assert_eq!(!found(world, &search).await.is_empty(), is_found, "{radius}");
    }
}

pub(crate) async fn a_moved_marker_is_found_where_it_is_now(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let journey = world.journey(&rider).await;
    let marker = world.marker(&journey, at(0.0, 0.0)).await;
    world
        .change_marker(&marker, |details| details.position = at(180.0, 10.0))
        .await;
    assert_eq!(found(world, &around(&reader, at(0.0, 0.0), 500_000.0)).await, []);
    assert_eq!(
        found(world, &around(&reader, at(-180.0, 10.0), 1.0)).await.len(),
        1
    );
}

pub(crate) async fn a_journey_that_changes_is_found_as_it_is_now(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let place = at(0.0, 0.0);
    let journey = world.journey_at(&rider, &[place]).await;
    let search = NearbySearch {
        include_completed: false,
        ..around(&reader, place, 1.0)
    };
    let is_found = async |change: fn(&mut Journey)| {
        let stored = world.change_journey(&journey, change).await;
        let matches = world.store.nearby(&search).await.unwrap();
        assert!(matches.iter().all(|near| near.journey == stored));
        !matches.is_empty()
    };
    assert!(!is_found(|journey| journey.visibility = Visibility::Private).await);
    assert!(is_found(|journey| journey.visibility = Visibility::Public).await);
    assert!(!is_found(|journey| journey.status = JourneyStatus::Completed).await);
    assert!(is_found(|journey| journey.status = JourneyStatus::Active).await);
}

pub(crate) async fn what_is_gone_is_not_found(world: &World) {
    let (reader, rider, leaver) = (world.rider().await, world.rider().await, world.rider().await);
    let place = at(0.0, 0.0);
    let (kept, deleted) = (world.journey(&rider).await, world.journey(&rider).await);
    let left = world.journey(&leaver).await;
    let marker = world.marker(&kept, place).await;
    let stays = world.marker(&kept, at(0.0, 0.1)).await;
    world.marker(&deleted, place).await;
    world.plan(&left, place, day(0)).await;
    world.delete_marker(&marker).await;
    world.delete_journey(&deleted).await;
    world.store.delete_user(&leaver).await.unwrap();
    let search = around(&reader, place, 100_000.0);
    let markers: Vec<_> = found(world, &search)
        .await
        .into_iter()
        .map(|(_, marker, _)| marker)
        .collect();
    assert_eq!(markers, [stays.id]);
}

pub(crate) async fn ten_thousand_origins_are_one_search(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let road = |step: i32| at(f64::from(step) / 100.0 - 50.0, 45.0);
    let near_the_end = world.journey(&rider).await;
    let marker = world.marker(&near_the_end, at(49.99, 45.1)).await;
    let far = world.journey(&rider).await;
    world.marker(&far, at(0.0, -45.0)).await;
    let origins: Vec<_> = (0..10_000).map(road).collect();
    let search = NearbySearch {
        around: Around::Journey(world.journey_at(&reader, &origins).await.id),
        ..around(&reader, at(0.0, 0.0), 100_000.0)
    };
    let nearest = distance(road(9_999), at(49.99, 45.1));
    assert_eq!(
        found(world, &search).await,
        [(near_the_end.id, marker.id, nearest)]
    );
}

pub(crate) async fn searches_during_writes_find_what_is_there_before_and_after(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let place = at(10.0, 50.0);
    let stays = world.journey(&rider).await;
    world.marker(&stays, place).await;
    let there = std::cell::Cell::new(None);
    let is_over = std::cell::Cell::new(false);
    let writing = async {
        for _ in 0..30 {
            let journey = world.journey(&rider).await;
            world.marker(&journey, place).await;
            there.set(Some(journey.id));
            world.plan(&journey, place, day(1)).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
            there.set(None);
            world.delete_journey(&journey).await;
        }
        is_over.set(true);
    };
    let mut seen = 0;
    let searching = async {
        while !is_over.get() {
            let before = there.get();
            let search = around(&reader, place, 1_000.0);
            let found: Vec<_> = found(world, &search)
                .await
                .into_iter()
                .map(|(id, ..)| id)
                .collect();
            assert!(found.contains(&stays.id));
            if let Some(journey) = before.filter(|_| there.get() == before) {
                assert!(found.contains(&journey));
                seen += 1;
            }
        }
    };
    tokio::join!(writing, searching);
    assert!(seen > 0);
    let search = around(&reader, place, 1_000.0);
    assert_eq!(found(world, &search).await.len(), 1);
}

pub(crate) async fn the_origins_are_the_markers_of_the_journey(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let (far, near) = (at(3.0, 4.0), at(1.0, 2.0));
    let (first, second) = (
        world.journey_at(&rider, &[near]).await,
        world.journey_at(&rider, &[far]).await,
    );
    let own = world.journey(&reader).await;
    let ids = async |journey: &Journey| {
        let search = NearbySearch {
            around: Around::Journey(journey.id),
            ..around(&reader, near, 1_000.0)
        };
        let found = found(world, &search).await.into_iter();
        found.map(|(journey, ..)| journey).collect::<Vec<_>>()
    };
    assert_eq!(ids(&own).await, []);
    assert_eq!(ids(&world.new_journey(&reader)).await, []);
    let marker = world.marker(&own, near).await;
    assert_eq!(ids(&own).await, [first.id]);
    world.plan(&own, far, day(0)).await;
    assert_eq!(ids(&own).await, [first.id, second.id]);
    world.delete_marker(&marker).await;
    assert_eq!(ids(&own).await, [second.id]);
}
