//! Encounters by an oracle: all pairs of days.

use kairos_domain::discovery::{DatedMarker, Itinerary, Meeting};
use kairos_domain::geo::{Position, distance};
use kairos_domain::journey::Journey;
use kairos_domain::marker::{Marker, MarkerKind};
use kairos_domain::store::{EncounterMatch, EncounterSearch};
use kairos_domain::user::User;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::{dated, encounters, search, staying};
use crate::fixtures::{World, at, day};

/// A journey, its rider, and its line.
struct Other {
    journey: Journey,
    rider: User,
    itinerary: Itinerary,
}

fn itinerary(markers: &[Marker]) -> Itinerary {
    let dated: Vec<_> = markers.iter().filter_map(DatedMarker::of).collect();
    Itinerary::from_markers(&dated)
}

/// The answer by the definition alone.
fn by_definition(search: &EncounterSearch, mine: &Itinerary, others: &[Other]) -> Vec<EncounterMatch> {
    let mine = mine.between(Some(search.from), search.to);
    let mut expected = Vec::new();
    for other in others {
        let pairs = mine
            .iter()
            .flat_map(|mine| other.itinerary.days().iter().map(move |theirs| (mine, theirs)));
        let meetings = pairs.map(|(mine, theirs)| Meeting {
            mine: *mine,
            theirs: *theirs,
            days_apart: u32::try_from((mine.date - theirs.date).num_days().abs()).unwrap(),
            distance: distance(mine.position, theirs.position),
        });
        let close = meetings.filter(|meeting| {
            meeting.days_apart <= search.within_days
                && meeting.distance.metres() <= search.max_distance_metres
        });
        expected.extend(
            close
                .min_by_key(Meeting::closeness)
                .map(|meeting| EncounterMatch {
                    journey: other.journey.clone(),
                    rider: other.rider.clone(),
                    meeting,
                }),
        );
    }
    expected.sort_by_key(|encounter| {
        let meeting = encounter.meeting;
        (meeting.mine.date, meeting.distance, encounter.journey.id)
    });
    expected
}

/// Few places, so that riders meet: in one town, around a pole, on both sides of the antimeridian.
fn place() -> impl Strategy<Value = Position> {
    let places = prop_oneof![
        (10.0..11.0, 50.0..50.5),
        (-180..=180, 89..=90).prop_map(|(longitude, latitude)| (f64::from(longitude), f64::from(latitude))),
        (prop_oneof![179.5..=180.0, -180.0..=-179.5], -0.3..0.3),
    ];
    (places, prop::option::of(-100.0..4_000.0))
        .prop_map(|((longitude, latitude), elevation)| Position::new(longitude, latitude, elevation).unwrap())
}

type Drawn = (MarkerKind, Option<i64>, Position);

fn markers(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Drawn>> {
    let kind = prop_oneof![Just(MarkerKind::Past), Just(MarkerKind::Plan)];
    prop::collection::vec((kind, prop::option::weighted(0.9, 0..70_i64), place()), count)
}

/// A journey with markers that are drawn.
async fn journey_with(world: &World, rider: &User, drawn: Vec<Drawn>) -> (Journey, Vec<Marker>) {
    let journey = world.journey(rider).await;
    let markers = drawn.into_iter().map(|(kind, number, place)| {
        let mut marker = world.new_marker(&journey, place);
        dated(&mut marker, kind, number);
        marker
    });
    let markers: Vec<_> = markers.collect();
    world.add_markers(&markers).await;
    (journey, markers)
}

/// Days and metres that count as near.
const NEAR: [(u32, f64); 3] = [(0, 0.0), (1, 25_000.0), (14, 100_000.0)];

pub(crate) async fn encounters_are_those_of_brute_force(world: &World) {
    let mut runner = TestRunner::deterministic();
    let mut draw = |count| markers(count).new_tree(&mut runner).unwrap().current();
    let reader = world.rider().await;
    let riders = [world.rider().await, world.rider().await];
    let mut others = Vec::new();
    for number in 0..25 {
        let rider = &riders[number % 2];
        let (journey, markers) = journey_with(world, rider, draw(0..8)).await;
        others.push(Other {
            journey,
            rider: rider.clone(),
            itinerary: itinerary(&markers),
        });
    }
    let mut most = 0;
    for round in 0..24 {
        let (own, markers) = journey_with(world, &reader, draw(0..16)).await;
        let mine = itinerary(&markers);
        for (within_days, metres) in NEAR {
            let mut search = search(&own, within_days, metres);
            if round % 2 == 1 {
                (search.from, search.to) = (day(round), Some(day(3 * round)));
            }
            let expected = by_definition(&search, &mine, &others);
            assert_eq!(encounters(world, &search).await, expected, "{search:?}");
            for limit in [0, 1, 3, 10] {
                let first = world.store.encounters(&search, limit).await.unwrap();
                let limit = expected.len().min(limit as usize);
                assert_eq!(first, expected[..limit], "{search:?}");
            }
            most = most.max(expected.len());
        }
    }
    assert!(most > 10, "{most}");
}

pub(crate) async fn an_encounter_has_the_journey_its_rider_and_both_positions(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let (low, high) = (
        Position::new(1.0, 2.0, Some(-3.5)).unwrap(),
        Position::new(1.0, 2.001, Some(2_300.5)).unwrap(),
    );
    let own = staying(world, &reader, low, 5..=5).await;
    let journey = world.journey(&rider).await;
    world.plan(&journey, high, day(6)).await;
    world.marker(&journey, at(1.0, 2.0)).await;
    let found = encounters(world, &search(&own, 1, 1_000.0)).await;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].journey, &found[0].rider), (&journey, &rider));
    let meeting = found[0].meeting;
    assert_eq!((meeting.mine.date, meeting.theirs.date), (day(5), day(6)));
    assert_eq!((meeting.mine.position, meeting.theirs.position), (low, high));
    assert_eq!(meeting.days_apart, 1);
    assert_eq!(meeting.distance, distance(low, high));
}

pub(crate) async fn only_days_of_the_window_count(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let place = at(1.0, 2.0);
    let own = staying(world, &reader, place, 0..=9).await;
    let other = staying(world, &rider, place, 4..=4).await;
    let days = async |from, to: Option<i64>, within_days| {
        let search = EncounterSearch {
            from: day(from),
            to: to.map(day),
            ..search(&own, within_days, 0.0)
        };
        let found = encounters(world, &search).await;
        assert!(found.iter().all(|encounter| encounter.journey == other));
        let first = found.first().map(|encounter| encounter.meeting);
        first.map(|meeting| (meeting.mine.date, meeting.theirs.date))
    };
    assert_eq!(days(0, None, 0).await, Some((day(4), day(4))));
    assert_eq!(days(4, Some(4), 0).await, Some((day(4), day(4))));
    assert_eq!(days(5, None, 0).await, None);
    assert_eq!(days(0, Some(3), 0).await, None);
    assert_eq!(days(4, Some(3), 0).await, None);
    // The window is one of the searching rider's days.
    assert_eq!(days(6, None, 2).await, Some((day(6), day(4))));
    assert_eq!(days(0, Some(3), 2).await, Some((day(3), day(4))));
    assert_eq!(days(20, None, 14).await, None);
}

pub(crate) async fn nobody_is_met_by_who_is_nowhere(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    staying(world, &rider, at(0.0, 0.0), 0..=0).await;
    let own = world.journey(&reader).await;
    for journey in [&own, &world.new_journey(&reader)] {
        assert_eq!(encounters(world, &search(journey, 14, 200_000.0)).await, []);
    }
    world.marker(&own, at(0.0, 0.0)).await;
    assert_eq!(encounters(world, &search(&own, 14, 200_000.0)).await, []);
}
