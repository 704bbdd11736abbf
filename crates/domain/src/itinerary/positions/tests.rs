use proptest::prelude::*;

use super::*;
use crate::discovery::fixtures::*;
use crate::geo::{Position, along_great_circle, distance};
use crate::marker::{Marker, MarkerKind};

fn positions(markers: &[Marker]) -> Vec<(NaiveDate, Position)> {
    let line = itinerary(markers);
    line.days().iter().map(|day| (day.date, day.position)).collect()
}

fn assert_near(position: Position, longitude: f64, latitude: f64) {
    let off = distance(position, at(longitude, latitude)).metres();
    assert!(off < 0.01, "{position:?} is {off} m off");
}

#[test]
fn a_journey_without_dated_markers_is_nowhere() {
    assert_eq!(itinerary(&[]), Itinerary::default());
    assert_eq!(
        itinerary(&[marker(MarkerKind::Plan, None, at(1.0, 2.0))]).days(),
        []
    );
    // The day of a past marker is its timestamp, whatever else it holds.
    let mut undated = marker(MarkerKind::Past, None, at(1.0, 2.0));
    undated.details.estimated_time = Some(day(1));
    assert_eq!(itinerary(&[undated]).days(), []);
}

#[test]
fn one_dated_marker_is_one_day_at_its_own_place() {
    let mut high = past(3, 180.0, 10.0);
    high.details.position = Position::new(180.0, 10.0, Some(2_300.0)).unwrap();
    assert_eq!(positions(&[high.clone()]), [(day(3), high.details.position)]);
}

#[test]
fn between_two_days_the_rider_is_on_the_great_circle_in_proportion() {
    let days = positions(&[past(0, 0.0, 60.0), past(4, 90.0, 60.0)]);
    assert_eq!(
        days.iter().map(|(date, _)| *date).collect::<Vec<_>>(),
        [day(0), day(1), day(2), day(3), day(4)]
    );
    assert_eq!((days[0].1, days[4].1), (at(0.0, 60.0), at(90.0, 60.0)));
    // The great circle bends towards the pole: half-way it is at atan(tan 60° · √2), not at 60°.
    let northmost = (60_f64.to_radians().tan() * 2_f64.sqrt()).atan().to_degrees();
    assert_near(days[2].1, 45.0, northmost);
    let whole = distance(days[0].1, days[4].1).metres();
    for (days_ridden, (_, position)) in days.iter().enumerate() {
        let ridden = distance(days[0].1, *position).metres();
        assert!((ridden - whole * days_ridden as f64 / 4.0).abs() < 0.01);
    }
}

#[test]
fn undated_markers_between_dated_ones_do_not_bend_the_way() {
    let markers = [
        past(0, 0.0, 0.0),
        marker(MarkerKind::Past, None, at(50.0, 50.0)),
        past(2, 2.0, 0.0),
    ];
    assert_near(positions(&markers)[1].1, 1.0, 0.0);
}

#[test]
fn on_one_day_the_past_beats_a_plan_that_was_made_later() {
    for markers in [
        [past(0, 1.0, 1.0), plan(0, 2.0, 2.0).created(9)],
        [plan(0, 2.0, 2.0).created(9), past(0, 1.0, 1.0)],
    ] {
        assert_eq!(positions(&markers), [(day(0), at(1.0, 1.0))]);
    }
}

#[test]
fn on_one_day_the_later_created_of_a_kind_counts_and_then_the_higher_id() {
    let first = plan(0, 1.0, 1.0).created(1).with_id(9);
    let second = plan(0, 2.0, 2.0).created(2).with_id(1);
    let third = plan(0, 3.0, 3.0).created(2).with_id(2);
    let expected = [(day(0), at(3.0, 3.0))];
    assert_eq!(
        positions(&[first.clone(), second.clone(), third.clone()]),
        expected
    );
    assert_eq!(positions(&[third, second.clone(), first.clone()]), expected);
    assert_eq!(positions(&[second, first]), [(day(0), at(2.0, 2.0))]);
}

#[test]
fn a_plan_from_before_the_last_past_day_is_left_out() {
    let days = positions(&[
        past(0, 0.0, 0.0),
        plan(1, 50.0, 50.0),
        past(2, 2.0, 0.0),
        plan(3, 3.0, 0.0),
    ]);
    assert_eq!(days.len(), 4);
    assert_near(days[1].1, 1.0, 0.0);
    assert_eq!(days[3], (day(3), at(3.0, 0.0)));
    // A plan before the first past day as well: the journey begins where it began.
    assert_eq!(
        positions(&[plan(-5, 50.0, 50.0), past(0, 0.0, 0.0)]),
        [(day(0), at(0.0, 0.0))]
    );
}

#[test]
fn thirty_days_are_filled_and_thirty_one_are_not() {
    assert_eq!(positions(&[past(0, 0.0, 0.0), past(30, 30.0, 0.0)]).len(), 31);
    assert_eq!(
        positions(&[past(0, 0.0, 0.0), past(31, 31.0, 0.0)]),
        [(day(0), at(0.0, 0.0)), (day(31), at(31.0, 0.0))]
    );
}

#[test]
fn two_dates_at_the_ends_of_the_calendar_are_two_days() {
    let ends = [
        NaiveDate::from_ymd_opt(1, 1, 1).unwrap(),
        NaiveDate::from_ymd_opt(9999, 12, 31).unwrap(),
    ];
    let markers = ends.map(|date| marker(MarkerKind::Plan, Some(date), at(0.0, 0.0)));
    assert_eq!(itinerary(&markers).days().len(), 2);
}

#[test]
fn the_way_leads_over_the_antimeridian_and_over_the_pole() {
    let over_antimeridian = positions(&[plan(0, 179.0, 0.0), plan(2, -179.0, 0.0)]);
    assert_eq!(over_antimeridian[1].1, at(-180.0, 0.0));
    let over_pole = positions(&[plan(0, 0.0, 80.0), plan(4, 180.0, 80.0)]);
    assert_near(over_pole[1].1, 0.0, 85.0);
    assert_near(over_pole[2].1, 0.0, 90.0);
    assert_near(over_pole[3].1, 180.0, 85.0);
}

#[test]
fn between_antipodes_the_rider_stays_at_the_first_until_the_day() {
    let days = positions(&[plan(0, 10.0, 20.0), plan(3, -170.0, -20.0)]);
    assert_near(days[1].1, 10.0, 20.0);
    assert_near(days[2].1, 10.0, 20.0);
    assert_eq!(days[3].1, at(-170.0, -20.0));
}

#[test]
fn a_part_of_a_track_includes_both_its_ends() {
    let line = itinerary(&[plan(0, 0.0, 0.0), plan(9, 9.0, 0.0)]);
    let dates = |from: Option<i64>, to: Option<i64>| {
        let days = line.between(from.map(day), to.map(day)).iter();
        days.map(|here| (here.date - day(0)).num_days())
            .collect::<Vec<_>>()
    };
    assert_eq!(dates(None, None), (0..=9).collect::<Vec<_>>());
    assert_eq!(dates(Some(3), Some(5)), [3, 4, 5]);
    assert_eq!(dates(Some(8), None), [8, 9]);
    assert_eq!(dates(None, Some(0)), [0]);
    assert_eq!(dates(Some(-9), Some(-1)), []);
    assert_eq!(dates(Some(10), None), []);
    assert_eq!(dates(Some(5), Some(3)), []);
}

fn any_marker() -> impl Strategy<Value = Marker> {
    let number = prop::option::weighted(0.9, 0..200_i64);
    (
        any::<bool>(),
        number,
        -20.0..20.0,
        -20.0..20.0,
        0..4_i64,
        any::<u8>(),
    )
        .prop_map(|(is_past, number, longitude, latitude, created, id)| {
            let kind = if is_past {
                MarkerKind::Past
            } else {
                MarkerKind::Plan
            };
            marker(kind, number.map(day), at(longitude, latitude))
                .created(created)
                .with_id(id)
        })
}

/// Where the journey is on a day, told from the definition for that day alone.
fn by_definition(markers: &[Marker], date: NaiveDate) -> Option<Position> {
    let last_past = markers
        .iter()
        .filter(|marker| marker.details.kind == MarkerKind::Past)
        .filter_map(|marker| marker.details.timestamp)
        .max();
    let counting = markers.iter().filter_map(|marker| match marker.details.kind {
        MarkerKind::Past => Some((marker.details.timestamp?, true, marker)),
        MarkerKind::Plan => {
            let day = marker.details.estimated_time?;
            (last_past.is_none() || last_past <= Some(day)).then_some((day, false, marker))
        }
    });
    let mut counting: Vec<_> = counting.collect();
    counting.sort_by_key(|(day, is_past, marker)| (*day, *is_past, marker.created_at, marker.id));
    let before = counting.iter().rfind(|(day, ..)| *day <= date)?;
    let (after, ..) = counting.iter().find(|(day, ..)| *day >= date)?;
    let (.., next) = counting.iter().rfind(|(day, ..)| day == after)?;
    let (ridden, gap) = ((date - before.0).num_days(), (*after - before.0).num_days());
    if gap == 0 {
        return Some(before.2.details.position);
    }
    let (from, to) = (before.2.details.position, next.details.position);
    (gap <= 30).then(|| along_great_circle(from, to, ridden as f64 / gap as f64))
}

proptest! {
    #[test]
    fn every_day_is_where_the_definition_says(markers in prop::collection::vec(any_marker(), 0..12)) {
        // Markers that differ in nothing but place have no order; ids make them differ.
        let markers: Vec<_> = (0..).zip(markers).map(|(number, marker)| marker.with_id(number)).collect();
        let expected: Vec<_> = (-1..=200)
            .map(day)
            .filter_map(|date| Some((date, by_definition(&markers, date)?)))
            .collect();
        prop_assert_eq!(positions(&markers), expected);
    }
    #[test]
    fn a_changed_part_makes_the_same_itinerary_as_all_markers(
        markers in prop::collection::vec(any_marker(), 0..12),
        which in any::<prop::sample::Index>(),
        instead in prop::option::of(any_marker()),
    ) {
        let markers: Vec<_> = (0..).zip(markers).map(|(number, marker)| marker.with_id(number)).collect();
        // One is changed, removed, or, where there is none, added.
        let mut changed = markers.clone();
        if !changed.is_empty() {
            changed.remove(which.index(markers.len()));
        }
        changed.extend(instead.map(|marker| marker.with_id(100)));
        let dated = |markers: &[Marker]| markers.iter().filter_map(DatedMarker::of).collect::<Vec<_>>();
        let mut days = itinerary(&markers).days;
        if let Some(part) = Itinerary::changed_part(&dated(&markers), &dated(&changed)) {
            days.retain(|day| day.date < part.first || day.date > part.last);
            days.extend(part.days);
        }
        prop_assert_eq!(Itinerary::from_days(days), itinerary(&changed));
    }

    #[test]
    fn the_changed_part_of_a_long_itinerary_is_short(which in 1..99_usize) {
        let markers: Vec<_> = (0..100).map(|number| plan(number * 2, number as f64, 0.0)).collect();
        let before: Vec<_> = markers.iter().filter_map(DatedMarker::of).collect();
        let mut after = before.clone();
        after[which].position = at(0.0, 50.0);
        let part = Itinerary::changed_part(&before, &after).unwrap();
        prop_assert_eq!((part.first, part.last), (before[which - 1].date, before[which + 1].date));
        prop_assert_eq!(part.days.len(), 5);
        prop_assert_eq!(Itinerary::changed_part(&before, &before), None);
    }
}
