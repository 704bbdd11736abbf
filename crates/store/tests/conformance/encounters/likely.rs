//! What is likely, by an oracle: all pairs of days.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use kairos_domain::discovery::{DatedMarker, DayPosition, Track};
use kairos_domain::geo::{Position, distance};
use kairos_domain::id::JourneyId;
use kairos_domain::journey::Journey;
use kairos_domain::marker::MarkerKind;
use kairos_domain::store::EncounterSearch;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::{Met, dated, meets, met, search};
use crate::world::{World, at, day};

/// Whom it must meet, by the definition alone: all pairs of days.
async fn by_definition(
    world: &World,
    mine: &[DayPosition],
    within_days: u32,
    max_distance_metres: f64,
    others: &[Journey],
) -> BTreeMap<JourneyId, Met> {
    let mut expected = BTreeMap::new();
    for journey in others {
        let markers = world.markers_of(journey).await;
        let dated: Vec<_> = markers.iter().filter_map(DatedMarker::of).collect();
        let track = Track::from_markers(&dated);
        let pairs = mine
            .iter()
            .flat_map(|mine| track.days().iter().map(move |theirs| (mine, theirs)));
        let meetings = pairs.map(|(mine, theirs)| {
            let days_apart = u32::try_from((mine.date - theirs.date).num_days().abs()).unwrap();
            (
                days_apart,
                distance(mine.position, theirs.position),
                mine.date,
                theirs.date,
            )
        });
        let close = meetings.filter(|(days_apart, distance, ..)| {
            *days_apart <= within_days && distance.metres() <= max_distance_metres
        });
        expected.extend(close.min().map(|closest| (journey.id, closest)));
    }
    expected
}

/// Few places, so that riders meet: in one town, around a pole, on both sides of the antimeridian.
fn place() -> impl Strategy<Value = Position> {
    prop_oneof![
        (10.0..11.0, 50.0..50.5),
        (-180..=180, 89..=90).prop_map(|(longitude, latitude)| (f64::from(longitude), f64::from(latitude))),
        (prop_oneof![179.5..=180.0, -180.0..=-179.5], -0.3..0.3),
    ]
    .prop_map(|(longitude, latitude)| at(longitude, latitude))
}

fn markers() -> impl Strategy<Value = Vec<(MarkerKind, Option<i64>, Position)>> {
    let kind = prop_oneof![Just(MarkerKind::Past), Just(MarkerKind::Plan)];
    prop::collection::vec((kind, prop::option::weighted(0.9, 0..70_i64), place()), 0..8)
}

/// Journeys of others, in few places.
async fn crowd(world: &World, runner: &mut TestRunner) -> Vec<Journey> {
    let riders = [world.rider().await, world.rider().await];
    let mut others = Vec::new();
    for number in 0..25 {
        let journey = world.journey(&riders[number % 2]).await;
        for (kind, number, place) in markers().new_tree(runner).unwrap().current() {
            world
                .marker_with(&journey, place, |marker| dated(marker, kind, number))
                .await;
        }
        others.push(journey);
    }
    others
}

/// Where somebody is on some of eighty days.
fn mine(runner: &mut TestRunner) -> Vec<DayPosition> {
    let days = prop::collection::btree_map(0..80_i64, place(), 1..40);
    let days = days.new_tree(runner).unwrap().current().into_iter();
    days.map(|(number, position)| DayPosition {
        date: day(number),
        position,
    })
    .collect()
}

/// What counts as near: days and metres.
const NEAR: [(u32, f64); 3] = [(0, 0.0), (1, 25_000.0), (14, 200_000.0)];

pub(crate) async fn the_likely_encounters_are_those_of_brute_force(world: &World) {
    let mut runner = TestRunner::deterministic();
    let reader = world.rider().await;
    let others = crowd(world, &mut runner).await;
    for round in 0..24 {
        // At first some are behind, then none.
        if round == 12 {
            world.store.renew_tracks().await.unwrap();
        }
        let mine = mine(&mut runner);
        for (within_days, metres) in NEAR {
            assert_eq!(
                meets(world, &search(&reader, &mine, within_days, metres)).await,
                by_definition(world, &mine, within_days, metres, &others).await,
            );
        }
    }
}

/// Whom somebody is told of when they want so many, part after part of their days; and how many parts there were.
async fn in_parts(
    world: &World,
    search: &EncounterSearch,
    enough: usize,
) -> (BTreeMap<JourneyId, Met>, usize) {
    let (mut told, mut parts, mut from) = (BTreeMap::new(), 0, Some(NaiveDate::MIN));
    while let Some(first) = from {
        let part = world
            .store
            .likely_encounters(search, first, enough)
            .await
            .unwrap();
        assert!(part.until.is_none() || part.encounters.len() >= enough);
        let days = first..=part.until.unwrap_or(NaiveDate::MAX);
        let mut once = BTreeSet::new();
        for likely in &part.encounters {
            assert!(days.contains(&likely.meeting.mine.date));
            assert!(once.insert(likely.journey_id));
            let closest: &mut Met = told.entry(likely.journey_id).or_insert(met(&likely.meeting));
            *closest = met(&likely.meeting).min(*closest);
        }
        parts += 1;
        from = part.until.and_then(|until| until.succ_opt());
    }
    (told, parts)
}

pub(crate) async fn the_first_encounters_are_found_without_the_rest(world: &World) {
    let mut runner = TestRunner::deterministic();
    let reader = world.rider().await;
    let others = crowd(world, &mut runner).await;
    let mut most_parts = 0;
    for round in 0..12 {
        if round == 6 {
            world.store.renew_tracks().await.unwrap();
        }
        let mine = mine(&mut runner);
        for (within_days, metres) in NEAR {
            let expected = by_definition(world, &mine, within_days, metres, &others).await;
            for enough in [1, 3, 10] {
                let search = search(&reader, &mine, within_days, metres);
                let (told, parts) = in_parts(world, &search, enough).await;
                assert_eq!(told, expected);
                most_parts = most_parts.max(parts);
            }
        }
    }
    assert!(most_parts > 3, "{most_parts}");
}

pub(crate) async fn nobody_is_met_by_who_is_nowhere(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let journey = world.journey(&rider).await;
    world.plan(&journey, at(0.0, 0.0), day(0)).await;
    assert_eq!(
        meets(world, &search(&reader, &[], 14, 200_000.0)).await,
        BTreeMap::new()
    );
}

pub(crate) async fn the_ends_of_the_calendar_are_days_of_a_track(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    for (year, month, day) in [(1, 1, 1), (9999, 12, 31)] {
        let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let journey = world.journey(&rider).await;
        world.plan(&journey, at(0.0, 0.0), date).await;
        for _ in 0..2 {
            let mine = [DayPosition {
                date,
                position: at(0.0, 0.0),
            }];
            let meets = meets(world, &search(&reader, &mine, 14, 1_000.0)).await;
            assert_eq!(meets.into_keys().collect::<Vec<_>>(), [journey.id]);
            world.store.renew_tracks().await.unwrap();
        }
    }
}
