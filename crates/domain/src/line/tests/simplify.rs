use proptest::prelude::*;

use super::*;
use crate::geo::{EARTH_RADIUS_METRES, along_great_circle, distance};

/// The distance from a position to a great-circle segment, by trying points along it.
fn brute_force(position: LinePosition, a: LinePosition, b: LinePosition) -> f64 {
    let place = |p: LinePosition| Position::new(p.longitude(), p.latitude(), None).unwrap();
    let steps = (0..=2000).map(|step| along_great_circle(place(a), place(b), f64::from(step) / 2000.0));
    let metres = steps.map(|point| distance(point, place(position)).metres());
    metres.fold(f64::INFINITY, f64::min)
}

fn wiggle(around: (f64, f64)) -> impl Strategy<Value = Line> {
    let step = (-0.2..0.2, -0.2..0.2);
    proptest::collection::vec(step, 2..30).prop_map(move |steps: Vec<(f64, f64)>| {
        let (mut longitude, mut latitude): (f64, f64) = around;
        let positions = steps.into_iter().map(|(east, north)| {
            longitude = (longitude + east + 180.0_f64).rem_euclid(360.0) - 180.0;
            latitude = (latitude + north).clamp(-90.0, 90.0);
            at(longitude, latitude)
        });
        line([positions.collect()])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_position_is_within_the_tolerance_of_what_replaces_it(
        line in prop_oneof![wiggle((8.0, 47.0)), wiggle((179.95, -17.0)), wiggle((0.0, 89.9)), wiggle((20.0, -90.0))],
        tolerance in 100.0..20_000.0,
    ) {
        let simplified = simplify(&line, tolerance);
        let (before, after) = (line.positions(), simplified.positions());
        prop_assert_eq!(before.first(), after.first());
        prop_assert_eq!(before.last(), after.last());
        let mut kept = after.iter();
        let mut ends = (*kept.next().unwrap(), *kept.next().unwrap());
        for position in &before[1..] {
            // Between two ends along a segment of at most 1000 km, 2000 tries are within 250 m.
            let found = brute_force(*position, ends.0, ends.1);
            prop_assert!(found <= tolerance + 300.0, "{} m from {:?}", found, ends);
            if *position == ends.1 && let Some(next) = kept.next() {
                ends = (ends.1, *next);
            }
        }
        prop_assert!(kept.next().is_none(), "positions are in order and of the line");
    }
}

#[test]
fn neither_the_antimeridian_nor_a_pole_keeps_a_position_on_the_way() {
    for (way, kept) in [
        (
            vec![at(179.0, 0.0), at(180.0, 0.0), at(-179.5, 0.0), at(-179.0, 0.0)],
            2,
        ),
        (
            vec![at(0.0, 89.0), at(0.0, 90.0), at(180.0, 89.5), at(180.0, 89.0)],
            2,
        ),
        // A parallel of latitude is no great circle: a position in the middle is 3 km off.
        (vec![at(0.0, 60.0), at(1.5, 60.0), at(3.0, 60.0)], 3),
        // Going back the same way needs the turning point.
        (vec![at(0.0, 0.0), at(1.0, 0.0), at(0.0, 0.0)], 3),
    ] {
        assert_eq!(simplify(&line([way]), 100.0).positions().len(), kept);
    }
}

#[test]
fn without_a_tolerance_every_position_stays() {
    let straight = line([vec![at(0.0, 0.0), at(1.0, 0.0), at(2.0, 0.0)]]);
    assert_eq!(simplify(&straight, 0.0), straight);
}

#[test]
fn positions_a_centimetre_apart_are_measured_precisely() {
    let far = 30.0 / EARTH_RADIUS_METRES.to_radians();
    let spike = vec![at(8.0, 47.0), at(8.0, 47.0 + far), at(8.000_000_1, 47.0)];
    assert_eq!(simplify(&line([spike.clone()]), 29.0).positions().len(), 3);
    assert_eq!(simplify(&line([spike]), 31.0).positions().len(), 2);
}

#[test]
fn a_line_made_to_be_split_badly_is_still_done() {
    // Each position is further than the one before, so that the furthest is always the last but one.
    let spiral = (0..MAX_POSITIONS).map(|step| {
        let turn = step as f64;
        at((turn * 0.5).sin() * turn * 1e-4, (turn * 0.5).cos() * turn * 1e-4)
    });
    let simplified = simplify(&line([spiral.collect()]), 1.0);
    assert!(simplified.positions().len() > MAX_POSITIONS / 2);
}
