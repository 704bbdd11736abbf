//! Nearby journeys by an oracle: all pairs of places.

use std::collections::BTreeMap;

use kairos_domain::geo::{Distance, Position, distance};
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::marker::Marker;
use kairos_domain::store::{Around, NearbySearch};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::found;
use crate::fixtures::{World, at};

/// Finds the matches of a search by its definition alone.
fn by_definition(
    search: &NearbySearch,
    origins: &[Position],
    markers: &[Marker],
) -> Vec<(JourneyId, MarkerId, Distance)> {
    let mut nearest: BTreeMap<JourneyId, (Distance, MarkerId)> = BTreeMap::new();
    for marker in markers
        .iter()
        .filter(|marker| marker.owner_id != search.except_owner)
    {
        let to_origins = origins
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

/// Anywhere; and where it is hard: around the poles, on both sides of the antimeridian, all on one spot, in
/// one town.
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
        for number in 0..4 {
            let origins = match number {
                0 => draw(&prop::collection::vec(place(), 1..2).boxed()),
                _ => draw(&prop::collection::vec(place(), 1..30).boxed()),
            };
            let around = match number {
                0 => Around::Point(origins[0]),
                _ => Around::Journey(world.journey_at(&riders[0], &origins).await.id),
            };
            for limit in [1, 5, 500] {
                let search = NearbySearch {
                    around,
                    radius_metres: radius,
                    reader: riders[0].id,
                    except_owner: riders[0].id,
                    include_completed: true,
                    limit,
                };
                assert_eq!(
                    found(world, &search).await,
                    by_definition(&search, &origins, &markers),
                    "{search:?}"
                );
            }
        }
    }
}
