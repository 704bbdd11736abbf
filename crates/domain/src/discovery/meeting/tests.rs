use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::discovery::fixtures::*;
use crate::geo::distance;
use crate::marker::Marker;

/// The meeting as (my day, their day, metres), where days are counted from 1 June.
fn closest(
    mine: &[Marker],
    theirs: &[Marker],
    within_days: u32,
    max_distance_metres: f64,
) -> Option<(i64, i64, f64)> {
    let mine = itinerary(mine);
    let search = MeetingSearch::new(mine.days(), within_days, max_distance_metres);
    search.closest(&itinerary(theirs)).map(|meeting| {
        let number = |date: NaiveDate| (date - day(0)).num_days();
        let (mine, theirs) = (number(meeting.mine.date), number(meeting.theirs.date));
        assert_eq!(i64::from(meeting.days_apart), (mine - theirs).abs());
        assert_eq!(
            meeting.distance,
            distance(meeting.mine.position, meeting.theirs.position)
        );
        (mine, theirs, meeting.distance.metres())
    })
}

#[test]
fn two_who_ride_towards_each_other_meet_half_way() {
    let eastward = [plan(0, 0.0, 0.0), plan(10, 10.0, 0.0)];
    let westward = [plan(0, 10.0, 0.0), plan(10, 0.0, 0.0)];
    assert_eq!(closest(&eastward, &westward, 1, 25_000.0), Some((5, 5, 0.0)));
}

#[test]
fn the_faster_one_meets_whom_they_overtake() {
    let fast = [plan(0, 0.0, 0.0), plan(10, 20.0, 0.0)];
    let slow = [plan(0, 6.0, 0.0), plan(10, 11.0, 0.0)];
    assert_eq!(closest(&fast, &slow, 1, 25_000.0), Some((4, 4, 0.0)));
}

#[test]
fn ways_that_cross_a_day_apart_meet_only_if_a_day_counts() {
    let eastward = [plan(0, -5.0, 0.0), plan(10, 5.0, 0.0)];
    let northward = [plan(1, 0.0, -5.0), plan(11, 0.0, 5.0)];
    assert_eq!(closest(&eastward, &northward, 0, 25_000.0), None);
    assert_eq!(closest(&eastward, &northward, 1, 25_000.0), Some((5, 6, 0.0)));
    assert_eq!(closest(&northward, &eastward, 1, 25_000.0), Some((6, 5, 0.0)));
}

#[test]
fn the_same_place_a_month_apart_is_no_meeting() {
    assert_eq!(
        closest(&[plan(0, 1.0, 1.0)], &[plan(30, 1.0, 1.0)], 14, 200_000.0),
        None
    );
}

#[test]
fn both_bounds_are_included() {
    let (mine, theirs) = ([plan(0, 0.0, 0.0)], [plan(14, 0.0, 1.0)]);
    let metres = 111_318.845;
    assert_eq!(closest(&mine, &theirs, 14, metres), Some((0, 14, metres)));
    assert_eq!(closest(&mine, &theirs, 13, metres), None);
    assert_eq!(closest(&mine, &theirs, 14, metres - 0.001), None);
    assert_eq!(closest(&mine, &mine, 0, 0.0), Some((0, 0, 0.0)));
}

#[test]
fn fewer_days_apart_beat_a_shorter_distance() {
    let mine = [plan(0, 0.0, 0.0)];
    let theirs = [plan(0, 0.2, 0.0), plan(1, 0.0, 0.0)];
    assert_eq!(
        closest(&mine, &theirs, 1, 25_000.0).map(|(m, t, _)| (m, t)),
        Some((0, 0))
    );
}

#[test]
fn of_equally_close_meetings_my_earliest_day_counts_and_then_theirs() {
    let camping = [plan(0, 1.0, 1.0), plan(1, 1.0, 1.0), plan(2, 1.0, 1.0)];
    assert_eq!(closest(&camping, &camping, 1, 0.0), Some((0, 0, 0.0)));
    let there_and_back = [plan(0, 1.0, 1.0), plan(1, 50.0, 1.0), plan(2, 1.0, 1.0)];
    assert_eq!(
        closest(&[plan(1, 1.0, 1.0)], &there_and_back, 1, 0.0),
        Some((1, 0, 0.0))
    );
    assert_eq!(
        closest(&there_and_back, &[plan(1, 1.0, 1.0)], 1, 0.0),
        Some((0, 1, 0.0))
    );
}

#[test]
fn a_past_journey_meets_a_planned_one() {
    let ridden = [past(0, 0.0, 0.0), past(4, 4.0, 0.0)];
    let planned = [plan(3, 3.0, 0.1)];
    assert_eq!(
        closest(&ridden, &planned, 0, 25_000.0).map(|(m, t, _)| (m, t)),
        Some((3, 3))
    );
}

#[test]
fn neither_the_antimeridian_nor_a_pole_keeps_riders_apart() {
    let over_antimeridian = [plan(0, 179.0, 0.0), plan(2, -179.0, 0.0)];
    assert_eq!(
        closest(&over_antimeridian, &[plan(1, 180.0, 0.0)], 0, 0.0),
        Some((1, 1, 0.0))
    );
    let over_pole = [plan(0, 0.0, 80.0), plan(2, 180.0, 80.0)];
    assert_eq!(
        closest(&over_pole, &[plan(1, 77.0, 90.0)], 0, 0.0),
        Some((1, 1, 0.0))
    );
}

#[test]
fn antipodes_are_half_a_girth_apart() {
    let (mine, theirs) = ([plan(0, 10.0, 20.0)], [plan(0, -170.0, -20.0)]);
    let half_girth = Distance::from_metres(std::f64::consts::PI * EARTH_RADIUS_METRES).metres();
    assert_eq!(closest(&mine, &theirs, 0, half_girth), Some((0, 0, half_girth)));
    assert_eq!(closest(&mine, &theirs, 0, half_girth - 0.001), None);
}

#[test]
fn who_is_nowhere_meets_nobody() {
    assert_eq!(closest(&[], &[plan(0, 1.0, 1.0)], 14, 200_000.0), None);
    assert_eq!(closest(&[plan(0, 1.0, 1.0)], &[], 14, 200_000.0), None);
}

#[test]
fn two_journeys_of_the_greatest_length_are_compared_in_no_time() {
    // 300 000 days against as many: their product would take hours.
    let line = |latitude: f64| -> Vec<_> {
        let days = (0..300_000).map(day);
        days.map(|date| DayPosition {
            date,
            position: at(0.0, latitude),
        })
        .collect()
    };
    let search = MeetingSearch::new(&line(0.0), 14, 200_000.0);
    let theirs = Itinerary::from_days(line(45.0));
    assert_eq!(search.closest(&theirs), None);
}

fn any_itinerary() -> impl Strategy<Value = Itinerary> {
    // Whole degrees make equal distances likely, so that the order of ties is tried as well.
    let place = (-3..=3_i32, prop_oneof![-2..=2_i32, 88..=90_i32]);
    let markers = prop::collection::vec((0..90_i64, place, -1..=1_i32), 0..8);
    markers.prop_map(|markers| {
        let markers: Vec<_> = (0..)
            .zip(markers)
            .map(|(id, (number, (longitude, latitude), side))| {
                // Around Greenwich, around the antimeridian, around the north pole.
                let longitude = f64::from(longitude + side * 177);
                plan(number, longitude, f64::from(latitude)).with_id(id)
            })
            .collect();
        itinerary(&markers)
    })
}

fn by_definition(
    mine: &Itinerary,
    theirs: &Itinerary,
    within_days: u32,
    max_distance_metres: f64,
) -> Option<Meeting> {
    let pairs = mine
        .days()
        .iter()
        .flat_map(|mine| theirs.days().iter().map(move |theirs| (*mine, *theirs)));
    let meetings = pairs.map(|(mine, theirs)| Meeting {
        mine,
        theirs,
        days_apart: u32::try_from((mine.date - theirs.date).num_days().abs()).unwrap(),
        distance: distance(mine.position, theirs.position),
    });
    meetings
        .filter(|meeting| meeting.days_apart <= within_days)
        .filter(|meeting| meeting.distance.metres() <= max_distance_metres)
        .min_by_key(|meeting| {
            let Meeting {
                mine,
                theirs,
                days_apart,
                distance,
            } = *meeting;
            (days_apart, distance, mine.date, theirs.date)
        })
}

proptest! {
    #[test]
    fn the_closest_meeting_is_that_of_all_pairs_of_days(
        mine in any_itinerary(),
        theirs in any_itinerary(),
        within_days in 0..=14_u32,
        max_distance_metres in prop_oneof![Just(0.0), Just(111_318.845), 0.0..200_000.0, 0.0..21_000_000.0],
    ) {
        let search = MeetingSearch::new(mine.days(), within_days, max_distance_metres);
        prop_assert_eq!(
            search.closest(&theirs),
            by_definition(&mine, &theirs, within_days, max_distance_metres)
        );
    }
}
