//! Fixed days, the days between them, and the days after the last one.

use chrono::{DateTime, NaiveDate};

use super::super::world::{World, on_route};
use super::{OUT_AND_BACK, STRAIGHT};
use crate::discovery::fixtures::{at, day};
use crate::geo::{Distance, Position};
use crate::itinerary::{
    DayPosition, DaySource, Itinerary, ItineraryDay, ItinerarySources, RouteIndex, day_ends,
};
use crate::line::LinePosition;
use crate::schedule::Schedule;

#[test]
fn a_route_and_a_pace_are_a_position_for_each_day() {
    let expected = [
        "0 route 0.0",
        "1 route 80.0",
        "2 route 160.0",
        "3 route 240.0",
        "4 route 300.0",
    ];
    assert_eq!(on_route(STRAIGHT).scheduled(0, 80, &[], &[]).told(), expected);
    // 7 June 2026, day 6, is a Sunday.
    let resting = on_route(STRAIGHT).scheduled(4, 100, &[5], &[7]).told();
    let expected = [
        "4 route 0.0",
        "5 route 0.0",
        "6 route 0.0",
        "7 route 100.0",
        "8 route 200.0",
        "9 route 300.0",
    ];
    assert_eq!(resting, expected);
}

#[test]
fn a_ride_that_starts_in_the_middle_goes_on_from_there() {
    let journey = on_route(STRAIGHT)
        .past(2, (100.0, 0.0))
        .scheduled(0, 80, &[], &[]);
    assert_eq!(
        journey.told(),
        [
            "2 past_marker 100.0",
            "3 route 180.0",
            "4 route 260.0",
            "5 route 300.0"
        ]
    );
}

#[test]
fn on_a_rest_day_between_two_fixed_days_the_rider_stays() {
    let journey = |rests: &[i64]| {
        let fixed = on_route(STRAIGHT)
            .past(0, (0.0, 0.0))
            .past(5, (200.0, 0.0))
            .plan(6, (300.0, 0.0));
        fixed.scheduled(0, 80, rests, &[]).told()[1..5].join(", ")
    };
    assert_eq!(
        journey(&[]),
        "1 route 40.0, 2 route 80.0, 3 route 120.0, 4 route 160.0"
    );
    assert_eq!(
        journey(&[2]),
        "1 route 50.0, 2 route 50.0, 3 route 100.0, 4 route 150.0"
    );
    // With nothing but rest days between, the whole way is that of the last day, be it a rest day or not.
    let only_rest = "1 route 0.0, 2 route 0.0, 3 route 0.0, 4 route 0.0";
    assert_eq!(journey(&[1, 2, 3, 4]), only_rest);
    assert_eq!(journey(&[1, 2, 3, 4, 5]), only_rest);
}

#[test]
fn the_start_of_the_schedule_gives_way_to_what_is_known() {
    let journey = || on_route(STRAIGHT).scheduled(0, 300, &[], &[]);
    let route = |world: World| world.told().iter().any(|day| day == "0 route 0.0");
    assert!(route(journey()));
    assert!(route(journey().plan(2, (300.0, 0.0))));
    assert!(!route(journey().plan(0, (10.0, 0.0))));
    assert!(!route(journey().past(2, (300.0, 0.0))));
    assert!(!route(journey().tracked(2, (200.0, 90.0))));
    assert!(!route(journey().plan(-1, (0.0, 1.0))));
    let from_home = journey().plan(-2, (0.0, 60.0)).told();
    assert_eq!(
        from_home,
        ["-2 plan_marker -", "-1 between -", "0 route 0.0", "1 route 300.0"]
    );
    // A plan that contradicts the start is left out: 400 km a day are the bound.
    let hurried = on_route(&[&[(0.0, 0.0), (999.999, 0.0)]])
        .plan(1, (900.0, 0.0))
        .plan(2, (950.0, 0.0));
    let days = hurried.scheduled(0, 500, &[], &[]).told();
    assert_eq!(days, ["0 route 0.0", "1 route 500.0", "2 route 1000.0"]);
}

#[test]
fn a_past_marker_outranks_the_track_and_the_track_a_plan() {
    let journey = on_route(STRAIGHT)
        .plan(0, (5.0, 0.0))
        .plan(1, (100.0, 0.0))
        .tracked(1, (80.0, 0.0))
        .plan(2, (160.0, 0.0));
    assert_eq!(journey.told(), ["1 track 80.0", "2 plan_marker 160.0"]);
    let journey = journey.past(1, (90.0, 0.0));
    assert_eq!(journey.told(), ["1 past_marker 90.0", "2 plan_marker 160.0"]);
}

#[test]
fn a_gap_of_more_than_thirty_days_is_filled_on_a_scheduled_route_only() {
    let fixed = |days: i64| on_route(STRAIGHT).past(0, (0.0, 0.0)).past(days, (300.0, 0.0));
    let count = |world: World| world.days().len();
    assert_eq!(count(fixed(30)), 31);
    assert_eq!(count(fixed(31)), 2);
    assert_eq!(count(fixed(31).scheduled(0, 80, &[], &[])), 32);
    assert_eq!(count(fixed(1_000).scheduled(0, 80, &[], &[])), 1_001);
    assert_eq!(count(fixed(1_001).scheduled(0, 80, &[], &[])), 2);
    let off_the_route = on_route(STRAIGHT).past(0, (0.0, 90.0)).past(31, (300.0, 0.0));
    assert_eq!(count(off_the_route.scheduled(0, 80, &[], &[])), 2);
}

#[test]
fn a_rider_off_the_route_goes_on_from_its_nearest_part_ahead() {
    let from = |before: f64, last: (f64, f64)| {
        let fixed = on_route(STRAIGHT).past(0, (before, 0.0)).past(1, last);
        fixed.scheduled(0, 80, &[], &[]).told()[2..].join(", ")
    };
    assert_eq!(
        from(0.0, (80.0, 20.0)),
        "2 route 160.0, 3 route 240.0, 4 route 300.0"
    );
    assert_eq!(
        from(0.0, (80.0, 24.9)),
        "2 route 160.0, 3 route 240.0, 4 route 300.0"
    );
    assert_eq!(from(0.0, (80.0, 25.1)), "");
    assert_eq!(from(150.0, (140.0, 20.0)), "2 route 230.0, 3 route 300.0");
    assert_eq!(from(150.0, (100.0, 20.0)), "");
    // Beyond the end of the route, there is nothing ahead.
    assert_eq!(from(150.0, (310.0, 0.0)), "");
    let never_on_it = on_route(STRAIGHT)
        .past(1, (240.0, 10.0))
        .scheduled(0, 80, &[2], &[]);
    assert_eq!(
        never_on_it.told(),
        ["1 past_marker -", "2 route 240.0", "3 route 300.0"]
    );
    // Out and back on the same road, the way out is the earlier of two equally near parts.
    let beside = on_route(OUT_AND_BACK)
        .past(0, (10.0, 0.0))
        .past(1, (60.0, 20.0))
        .scheduled(0, 50, &[], &[]);
    assert_eq!(
        beside.told()[2..],
        ["2 route 110.0", "3 route 160.0", "4 route 200.0"]
    );
}

#[test]
fn the_journey_goes_on_for_a_thousand_days_at_most_and_to_the_end_of_the_calendar() {
    let long = on_route(&[&[(0.0, 0.0), (1500.0, 0.0)]]).scheduled(0, 1, &[], &[]);
    let days = long.days();
    assert_eq!((days.len(), days[1_000].date), (1_001, day(1_000)));
    let mut late = on_route(STRAIGHT);
    let start = NaiveDate::from_ymd_opt(9999, 12, 30).unwrap();
    late.schedule = Some(Schedule::new(start, 80_000, Vec::new(), Vec::new()).unwrap());
    assert_eq!(late.days().len(), 2);
    let mut early = on_route(STRAIGHT).past(0, (0.0, 0.0)).plan(1, (90.0, 0.0));
    early.markers[0].date = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
    early.markers[1].date = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
    early.schedule = late.schedule;
    assert_eq!(early.days().len(), 2);
}

#[test]
fn without_a_route_days_are_those_of_markers_and_track_alone() {
    let mut world = World::default()
        .past(0, (0.0, 0.0))
        .past(2, (20.0, 0.0))
        .scheduled(0, 80, &[], &[]);
    let positions = |world: &World| -> Vec<DayPosition> {
        let days = world.days().into_iter();
        days.map(|day| DayPosition {
            date: day.date,
            position: day.position,
        })
        .collect()
    };
    assert_eq!(positions(&world), Itinerary::from_markers(&world.markers).days());
    assert_eq!(
        world.told(),
        ["0 past_marker -", "1 between -", "2 past_marker -"]
    );
    world.track.push(DayPosition {
        date: day(1),
        position: world.at((5.0, 5.0)),
    });
    assert_eq!(world.told()[1], "1 track -");
    assert_eq!(world.days()[1].position, world.at((5.0, 5.0)));
}

#[test]
fn a_past_marker_in_the_future_has_no_day() {
    let journey = on_route(STRAIGHT)
        .past(5, (80.0, 0.0))
        .plan(4, (40.0, 0.0))
        .past(1, (10.0, 0.0));
    let dates = |today: i64| -> Vec<_> {
        let days: Vec<ItineraryDay> = journey.days_as_of(Some(day(today)));
        let fixed = days.iter().filter(|day| day.source != DaySource::Route);
        fixed.map(|fixed| (fixed.date - day(0)).num_days()).collect()
    };
    assert_eq!(dates(4), [1, 5]);
    assert_eq!(dates(3), [1, 4]);
}

#[test]
fn a_tracked_day_ends_at_its_latest_position() {
    let time = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    let position = |longitude: f64, text: &str| {
        LinePosition::new(
            Position::new(longitude, 47.0, Some(800.0)).unwrap(),
            Some(time(text)),
        )
    };
    let track = [
        position(1.0, "2026-06-02T00:00:00Z"),
        position(2.0, "2026-06-01T10:00:00Z"),
        position(3.0, "2026-06-01T23:59:59.999Z"),
        position(4.0, "2026-06-01T23:59:59.999Z"),
        position(5.0, "2026-06-01T12:00:00Z"),
        position(6.0, "2026-06-01T12:00:00Z").without_time(),
    ];
    let expected = [(0, 4.0), (1, 1.0)].map(|(number, longitude)| DayPosition {
        date: day(number),
        position: at(longitude, 47.0),
    });
    assert_eq!(day_ends(&track), expected);
}

#[test]
fn every_source_has_its_word() {
    for (word, source) in DaySource::ALL {
        assert_eq!(source.as_str(), word);
    }
}

#[test]
fn a_route_without_positions_is_no_route() {
    let index = RouteIndex::new(&World::default().line);
    assert_eq!(
        (index.length(), index.position_at(Distance::default())),
        (Distance::default(), None)
    );
    let world = World::default().past(0, (0.0, 0.0)).scheduled(0, 80, &[], &[]);
    let sources = ItinerarySources {
        markers: &world.markers,
        route: Some(&index),
        schedule: world.schedule.as_ref(),
        ..ItinerarySources::default()
    };
    assert_eq!(sources.days(), world.days());
}
