use std::collections::BTreeMap;
use std::time::Duration;

use kairos_domain::geo::{Distance, Position, distance};
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::marker::Marker;
use kairos_domain::store::NearbySearch;
use kairos_domain::user::User;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::world::{World, at, day};

/// Journey, nearest marker and distance of each that is found.
async fn found(world: &World, search: &NearbySearch) -> Vec<(JourneyId, MarkerId, Distance)> {
    let found = world.store.journeys_within(search).await.unwrap();
    found
        .into_iter()
        .map(|near| (near.journey.id, near.marker_id, near.distance))
        .collect()
}

fn around(reader: &User, origins: Vec<Position>, radius_metres: f64) -> NearbySearch {
    NearbySearch {
        origins,
        around: None,
        radius_metres,
        except_owner: reader.id,
        include_completed: true,
        limit: 500,
    }
}

/// What a search must find, by its definition alone.
fn by_definition(search: &NearbySearch, markers: &[Marker]) -> Vec<(JourneyId, MarkerId, Distance)> {
    let mut nearest: BTreeMap<JourneyId, (Distance, MarkerId)> = BTreeMap::new();
    for marker in markers
        .iter()
        .filter(|marker| marker.owner_id != search.except_owner)
    {
        let to_origins = search
            .origins
            .iter()
            .map(|origin| distance(*origin, marker.details.position));
        let Some(nearest_origin) = to_origins.min() else {
            continue;
        };
        if nearest_origin.metres() <= search.radius_metres {
            let candidate = (nearest_origin, marker.id);
            let known = nearest.entry(marker.journey_id).or_insert(candidate);
            *known = candidate.min(*known);
        }
    }
    let mut ranking: Vec<_> = nearest
        .into_iter()
        .map(|(journey, (distance, marker))| (distance, journey, marker))
        .collect();
    ranking.sort_unstable();
    ranking.truncate(search.limit as usize);
    ranking
        .into_iter()
        .map(|(distance, journey, marker)| (journey, marker, distance))
        .collect()
}

/// Anywhere; and where it is hard: around the poles, on both sides of the antimeridian, all on one spot, in one town.
fn place() -> impl Strategy<Value = Position> {
    let whole = |longitude: i32, latitude: i32| (f64::from(longitude), f64::from(latitude));
    prop_oneof![
        (-180.0..=180.0, -90.0..=90.0),
        (-180..=180, 88..=90).prop_map(move |(longitude, latitude)| whole(longitude, latitude)),
        (-180..=180, Just(-90)).prop_map(move |(longitude, latitude)| whole(longitude, latitude)),
        prop_oneof![178..=180, -180..=-178].prop_map(move |longitude| whole(longitude, 0)),
        Just((8.0, 47.0)),
        (16.3..16.4, 48.1..48.2),
    ]
    .prop_map(|(longitude, latitude)| at(longitude, latitude))
}

pub(crate) async fn the_nearest_journeys_are_those_of_brute_force(world: &World) {
    let mut runner = TestRunner::deterministic();
    let mut draw =
        |strategy: &BoxedStrategy<Vec<Position>>| strategy.new_tree(&mut runner).unwrap().current();
    let mut markers = Vec::new();
    let riders = [world.rider().await, world.rider().await, world.rider().await];
    for number in 0..40 {
        let journey = world.journey(&riders[number % riders.len()]).await;
        for place in draw(&prop::collection::vec(place(), 0..12).boxed()) {
            markers.push(world.marker(&journey, place).await);
        }
    }
    for radius in [0.0, 1.0, 500.0, 5_000.0, 111_318.845, 250_000.0, 500_000.0] {
        for limit in [1, 5, 500] {
            for _ in 0..4 {
                let origins = draw(&prop::collection::vec(place(), 1..30).boxed());
                let search = NearbySearch {
                    limit,
                    ..around(&riders[0], origins, radius)
                };
                assert_eq!(
                    found(world, &search).await,
                    by_definition(&search, &markers),
                    "{search:?}"
                );
            }
        }
    }
    assert_eq!(found(world, &around(&riders[0], Vec::new(), 500_000.0)).await, []);
}

pub(crate) async fn the_nearest_of_two_markers_speaks_for_its_journey(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let journey = world.journey(&rider).await;
    world.marker(&journey, at(0.0, 0.5)).await;
    let near = world.marker(&journey, at(0.0, 0.25)).await;
    let search = around(&reader, vec![at(0.0, 0.0)], 100_000.0);
    let expected = (journey.id, near.id, distance(at(0.0, 0.0), at(0.0, 0.25)));
    assert_eq!(found(world, &search).await, [expected]);
    assert_eq!(
        world.store.journeys_within(&search).await.unwrap()[0].journey,
        journey
    );
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
    let search = around(&reader, vec![place], 1_000.0);
    assert_eq!(ids(&search).await, [completed.id, active.id]);
    let search = NearbySearch {
        include_completed: false,
        ..search
    };
    assert_eq!(ids(&search).await, [active.id]);
    let search = NearbySearch {
        around: Some(active.id),
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
    let near = found(world, &around(&reader, vec![place], 1_000.0)).await;
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
    let search = around(&reader, vec![place], 0.0);
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
        let search = around(&reader, vec![at(0.0, 0.0)], radius);
        assert_eq!(!found(world, &search).await.is_empty(), is_found, "{radius}");
    }
}

pub(crate) async fn a_moved_marker_is_found_where_it_is_now(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let journey = world.journey(&rider).await;
    let mut marker = world.marker(&journey, at(0.0, 0.0)).await;
    marker.details.position = at(180.0, 10.0);
    world
        .store
        .update_marker(journey.id, marker.id, &marker.details)
        .await
        .unwrap();
    assert_eq!(
        found(world, &around(&reader, vec![at(0.0, 0.0)], 500_000.0)).await,
        []
    );
    assert_eq!(
        found(world, &around(&reader, vec![at(-180.0, 10.0)], 1.0))
            .await
            .len(),
        1
    );
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
    world.store.delete_marker(kept.id, marker.id).await.unwrap();
    world.store.delete_journey_with_markers(deleted.id).await.unwrap();
    world.store.delete_user_with_everything(leaver.id).await.unwrap();
    let search = around(&reader, vec![place], 100_000.0);
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
    let search = around(&reader, (0..10_000).map(road).collect(), 100_000.0);
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
            world.store.delete_journey_with_markers(journey.id).await.unwrap();
        }
        is_over.set(true);
    };
    let mut seen = 0;
    let searching = async {
        while !is_over.get() {
            let before = there.get();
            let search = around(&reader, vec![place], 1_000.0);
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
    let search = around(&reader, vec![place], 1_000.0);
    assert_eq!(found(world, &search).await.len(), 1);
}

pub(crate) async fn the_places_of_a_journey_are_those_of_its_markers(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    assert_eq!(world.store.places_of(journey.id).await.unwrap(), []);
    world.marker(&world.journey(&rider).await, at(9.0, 9.0)).await;
    let gone = world.marker(&journey, at(5.0, 6.0)).await;
    world.marker(&journey, at(1.0, 2.0)).await;
    world.plan(&journey, at(3.0, 4.0), day(0)).await;
    world.store.delete_marker(journey.id, gone.id).await.unwrap();
    let mut places = world.store.places_of(journey.id).await.unwrap();
    places.sort_by(|a, b| a.longitude().total_cmp(&b.longitude()));
    assert_eq!(places, [at(1.0, 2.0), at(3.0, 4.0)]);
}
