use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use kairos_domain::discovery::{DatedMarker, DayPosition, Meeting, MeetingSearch, Track};
use kairos_domain::geo::{Distance, Position, distance};
use kairos_domain::id::JourneyId;
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::marker::{Marker, MarkerKind};
use kairos_domain::store::EncounterSearch;
use kairos_domain::user::User;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::world::{World, at, day};

/// A meeting as far as it counts: days apart, distance, my day and theirs.
type Met = (u32, Distance, NaiveDate, NaiveDate);

fn met(meeting: &Meeting) -> Met {
    (
        meeting.days_apart,
        meeting.distance,
        meeting.mine.date,
        meeting.theirs.date,
    )
}

pub(crate) fn search(
    reader: &User,
    mine: &[DayPosition],
    within_days: u32,
    max_distance_metres: f64,
) -> EncounterSearch {
    EncounterSearch {
        meetings: MeetingSearch::new(mine, within_days, max_distance_metres),
        except_owner: reader.id,
    }
}

/// Somebody who stays at a place for some days.
pub(crate) fn staying(place: Position, days: std::ops::RangeInclusive<i64>) -> Vec<DayPosition> {
    days.map(|number| DayPosition {
        date: day(number),
        position: place,
    })
    .collect()
}

/// Whom a search meets, as far as they may be met.
pub(crate) async fn meets(world: &World, search: &EncounterSearch) -> BTreeMap<JourneyId, Met> {
    let likely = world.store.likely_encounters(search).await.unwrap();
    let ids: Vec<_> = likely.iter().map(|likely| likely.journey_id).collect();
    let candidates = world.store.encounter_candidates(&ids, search).await.unwrap();
    let mut meets = BTreeMap::new();
    for candidate in candidates {
        let meeting = search.meetings.closest(&candidate.track);
        let told = likely
            .iter()
            .find(|likely| likely.journey_id == candidate.journey.id);
        assert_eq!(told.map(|likely| met(&likely.meeting)), meeting.as_ref().map(met));
        let twice = meets.insert(candidate.journey.id, met(&meeting.unwrap()));
        assert_eq!(twice, None);
    }
    meets
}

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

fn dated(marker: &mut Marker, kind: MarkerKind, number: Option<i64>) {
    let date = number.map(day);
    marker.details.kind = kind;
    (marker.details.timestamp, marker.details.estimated_time) = match kind {
        MarkerKind::Past => (date, None),
        MarkerKind::Plan => (None, date),
    };
}

pub(crate) async fn the_likely_encounters_are_those_of_brute_force(world: &World) {
    let mut runner = TestRunner::deterministic();
    let (reader, riders) = (world.rider().await, [world.rider().await, world.rider().await]);
    let mut others = Vec::new();
    for number in 0..25 {
        let journey = world.journey(&riders[number % 2]).await;
        for (kind, number, place) in markers().new_tree(&mut runner).unwrap().current() {
            world
                .marker_with(&journey, place, |marker| dated(marker, kind, number))
                .await;
        }
        others.push(journey);
    }
    let mine = prop::collection::btree_map(0..80_i64, place(), 1..40);
    for round in 0..24 {
        // At first some are behind, then none.
        if round == 12 {
            world.store.renew_tracks().await.unwrap();
        }
        let mine: Vec<_> = mine
            .new_tree(&mut runner)
            .unwrap()
            .current()
            .into_iter()
            .collect();
        let mine: Vec<_> = mine
            .into_iter()
            .map(|(number, position)| DayPosition {
                date: day(number),
                position,
            })
            .collect();
        for (within_days, metres) in [(0, 0.0), (1, 25_000.0), (14, 200_000.0)] {
            assert_eq!(
                meets(world, &search(&reader, &mine, within_days, metres)).await,
                by_definition(world, &mine, within_days, metres, &others).await,
            );
        }
    }
}

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
    world.plan(&journey, here, day(3)).await;
    check(here, &[3]).await;
    let end = world.plan(&journey, here, day(7)).await;
    check(here, &[3, 4, 5, 6, 7]).await;
    // One in the middle leads elsewhere; then it lies on the way; then it is gone.
    let mut middle = world.plan(&journey, there, day(5)).await;
    check(here, &[3, 7]).await;
    check(there, &[5]).await;
    middle.details.position = here;
    world
        .store
        .update_marker(journey.id, middle.id, &middle.details)
        .await
        .unwrap();
    check(here, &[3, 4, 5, 6, 7]).await;
    middle.details.estimated_time = Some(day(12));
    world
        .store
        .update_marker(journey.id, middle.id, &middle.details)
        .await
        .unwrap();
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
    let hidden = world
        .journey_with(&rider, |journey| journey.visibility = Visibility::Private)
        .await;
    let completed = world
        .journey_with(&rider, |journey| journey.status = JourneyStatus::Completed)
        .await;
    let active = world
        .journey_with(&rider, |journey| journey.status = JourneyStatus::Active)
        .await;
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
