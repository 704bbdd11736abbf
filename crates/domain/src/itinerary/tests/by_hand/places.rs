//! The places of fixed days along the route.

use super::super::world::{World, on_route};
use super::{OUT_AND_BACK, STRAIGHT};
use crate::geo::distance;

#[test]
fn on_the_same_road_out_and_back_the_order_and_the_schedule_tell_the_ways_apart() {
    let twice = on_route(OUT_AND_BACK).past(1, (90.0, 0.0)).past(2, (10.0, 0.0));
    assert_eq!(twice.fixed_places(), [Some(90.0), Some(190.0)]);
    let same = on_route(OUT_AND_BACK).past(1, (40.0, 0.0)).past(3, (40.0, 0.0));
    assert_eq!(same.fixed_places(), [Some(40.0), Some(40.0)]);
    assert_eq!(
        same.scheduled(0, 80, &[], &[]).fixed_places(),
        [Some(40.0), Some(160.0)]
    );
    let turning = on_route(OUT_AND_BACK).past(1, (100.0, 0.0)).past(2, (104.0, 0.0));
    assert_eq!(turning.fixed_places(), [Some(100.0), Some(100.0)]);
}

#[test]
fn of_two_lanes_the_nearer_one_counts_to_a_hundred_metres() {
    let lanes = || on_route(&[&[(0.0, 0.0), (100.0, 0.0), (100.0, 0.3), (0.0, 0.3)]]);
    assert_eq!(lanes().past(1, (40.0, 0.12)).fixed_places(), [Some(40.0)]);
    assert_eq!(lanes().past(1, (40.0, 0.26)).fixed_places(), [Some(160.3)]);
    // The order of days counts more than the distance.
    let back = lanes().past(1, (50.0, 0.3)).past(2, (40.0, 0.0));
    assert_eq!(back.fixed_places(), [Some(150.3), Some(160.3)]);
}

#[test]
fn a_loop_begins_and_ends_at_the_same_point() {
    let square = [(0.0, 0.0), (30.0, 0.0), (30.0, 30.0), (0.0, 30.0), (0.0, 0.0)];
    let home_again = on_route(&[&square]).past(0, (0.0, 0.0)).past(4, (0.0, 0.0));
    assert_eq!(home_again.fixed_places(), [Some(0.0), Some(0.0)]);
    let scheduled = home_again.scheduled(0, 30, &[], &[]).told();
    let expected = [
        "0 past_marker 0.0",
        "1 route 30.0",
        "2 route 60.0",
        "3 route 90.0",
        "4 past_marker 120.0",
    ];
    assert_eq!(scheduled, expected);
}

#[test]
fn a_loop_that_crosses_itself_has_two_places_at_the_crossing() {
    let crossing = [(0.0, 0.0), (40.0, 0.0), (40.0, 20.0), (20.0, 20.0), (20.0, -20.0)];
    let journey = on_route(&[&crossing])
        .past(1, (20.0, 0.0))
        .past(2, (40.0, 10.0))
        .past(3, (20.0, 0.0));
    assert_eq!(journey.fixed_places(), [Some(20.0), Some(50.0), Some(100.0)]);
}

#[test]
fn a_detour_of_six_kilometres_is_off_the_route() {
    let journey = on_route(STRAIGHT)
        .past(0, (0.0, 0.0))
        .past(2, (80.0, 6.0))
        .past(4, (160.0, 0.0));
    let expected = [
        "0 past_marker 0.0",
        "1 between -",
        "2 past_marker -",
        "3 between -",
        "4 past_marker 160.0",
    ];
    assert_eq!(journey.told(), expected);
    let half_way = journey.days()[1].position;
    assert!(distance(half_way, journey.at((40.0, 3.0))).metres() < 1.0);
}

#[test]
fn a_camp_three_kilometres_off_stays_where_it_is_and_has_a_place() {
    let journey = on_route(STRAIGHT)
        .past(0, (0.0, 0.0))
        .past(2, (160.0, 3.0))
        .scheduled(0, 80, &[], &[]);
    let expected = [
        "0 past_marker 0.0",
        "1 route 80.0",
        "2 past_marker 160.0",
        "3 route 240.0",
        "4 route 300.0",
    ];
    assert_eq!(journey.told(), expected);
    assert_eq!(journey.days()[2].position, journey.at((160.0, 3.0)));
    assert!(distance(journey.days()[1].position, journey.at((80.0, 0.0))).metres() < 0.1);
    // Five kilometres are the bound.
    assert_eq!(
        on_route(STRAIGHT).past(0, (50.0, 4.999)).fixed_places(),
        [Some(50.0)]
    );
    assert_eq!(on_route(STRAIGHT).past(0, (50.0, 5.001)).fixed_places(), [None]);
}

#[test]
fn a_schedule_that_ends_early_is_at_the_end_from_then_on() {
    let journey = on_route(OUT_AND_BACK)
        .plan(6, (40.0, 0.0))
        .scheduled(0, 100, &[], &[]);
    assert_eq!(journey.fixed_places(), [Some(160.0)]);
    assert_eq!(journey.told().last().unwrap(), "7 route 200.0");
    // Before its start it is at the start.
    let early = on_route(OUT_AND_BACK)
        .past(-3, (40.0, 0.0))
        .scheduled(0, 100, &[], &[]);
    assert_eq!(early.fixed_places(), [Some(40.0)]);
}

#[test]
fn of_fixed_days_that_contradict_each_other_as_many_as_possible_have_a_place() {
    let fixed = || {
        on_route(STRAIGHT)
            .past(1, (200.0, 0.0))
            .past(2, (100.0, 0.0))
            .past(3, (250.0, 0.0))
    };
    assert_eq!(fixed().fixed_places(), [Some(200.0), None, Some(250.0)]);
    assert_eq!(
        fixed().scheduled(0, 80, &[], &[]).fixed_places(),
        [None, Some(100.0), Some(250.0)]
    );
    let most = fixed().past(4, (110.0, 0.0)).past(5, (120.0, 0.0));
    assert_eq!(
        most.fixed_places(),
        [None, Some(100.0), None, Some(110.0), Some(120.0)]
    );
}

#[test]
fn a_rider_advances_four_hundred_kilometres_a_day_at_most() {
    let long = || on_route(&[&[(0.0, 0.0), (1000.0, 0.0)]]).past(0, (0.0, 0.0));
    assert_eq!(
        long().past(1, (399.9, 0.0)).fixed_places(),
        [Some(0.0), Some(399.9)]
    );
    assert_eq!(long().past(1, (400.1, 0.0)).fixed_places(), [Some(0.0), None]);
    assert_eq!(
        long().past(2, (799.9, 0.0)).fixed_places(),
        [Some(0.0), Some(799.9)]
    );
    let between = long().past(1, (390.0, 0.0)).past(2, (800.1, 0.0));
    assert_eq!(between.fixed_places(), [Some(0.0), Some(390.0), None]);
}

#[test]
fn a_plan_that_lies_behind_is_left_out() {
    let journey = on_route(STRAIGHT)
        .plan(1, (10.0, 0.0))
        .past(3, (150.0, 0.0))
        .plan(4, (100.0, 0.0))
        .plan(5, (200.0, 0.0));
    assert_eq!(
        journey.told(),
        ["3 past_marker 150.0", "4 route 175.0", "5 plan_marker 200.0"]
    );
    // A plan off the route contradicts nothing.
    let visit = on_route(STRAIGHT)
        .past(3, (150.0, 0.0))
        .plan(4, (100.0, 50.0))
        .plan(5, (200.0, 0.0));
    assert_eq!(
        visit.told(),
        ["3 past_marker 150.0", "4 plan_marker -", "5 plan_marker 200.0"]
    );
}

#[test]
fn neither_the_antimeridian_nor_a_pole_is_a_border() {
    for (longitude, latitude) in [(179.5, 0.0), (-179.9, 60.0), (0.0, 90.0), (0.0, -90.0)] {
        let road = [(-99.999, 0.0), (99.999, 0.0)];
        let journey = World::default()
            .based_at(longitude, latitude)
            .with_route(&[&road]);
        let journey = journey.plan(2, (0.0, 0.0)).scheduled(0, 50, &[], &[]);
        let days = journey.days();
        assert_eq!(days.len(), 5);
        if latitude != 60.0 {
            for (day, east) in days.iter().zip([-100.0, -50.0, 0.0, 50.0, 100.0]) {
                assert!(
                    distance(day.position, journey.at((east, 0.0))).metres() < 2.0,
                    "{day:?}"
                );
            }
        }
    }
}

#[test]
fn a_place_at_a_ferry_is_the_end_of_the_earlier_segment() {
    let ferry: &[&[(f64, f64)]] = &[&[(0.0, 0.0), (50.0, 0.0)], &[(60.0, 40.0), (110.0, 40.0)]];
    let journey = on_route(ferry).scheduled(0, 24, &[], &[]);
    let days = journey.days();
    let places = [
        (0.0, 0.0),
        (24.0, 0.0),
        (48.0, 0.0),
        (82.0, 40.0),
        (106.0, 40.0),
        (110.0, 40.0),
    ];
    assert_eq!(days.len(), places.len());
    for (day, place) in days.iter().zip(places) {
        assert!(
            distance(day.position, journey.at(place)).metres() < 3.0,
            "{day:?}"
        );
    }
    // Both landings have the same place.
    let landed = on_route(ferry)
        .past(1, (50.0, 0.0))
        .past(2, (60.0, 40.0))
        .scheduled(0, 30, &[], &[]);
    assert_eq!(
        landed.told(),
        [
            "1 past_marker 50.0",
            "2 past_marker 50.0",
            "3 route 80.0",
            "4 route 100.0"
        ]
    );
}
