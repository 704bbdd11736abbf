//! The itinerary against its definition, in random and nasty worlds.

use proptest::prelude::*;

use super::oracle::Oracle;
use super::world::{Kilometres, World};
use crate::discovery::fixtures::day;
use crate::geo::distance;
use crate::itinerary::{DaySource, ItineraryDay, RouteIndex};
use crate::line::Line;

/// A move of whoever draws the route, in steps of a grid, so that roads meet, cross and repeat.
#[derive(Debug, Clone)]
enum Move {
    Go(i32, i32),
    /// Back along the last positions.
    Return(usize),
    Stay,
    /// A ferry.
    Gap(i32, i32),
}

fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        6 => (-20..=20, -3..=3).prop_map(|(east, north)| Move::Go(east, north)),
        2 => (-1..=1, -1..=1).prop_map(|(east, north)| Move::Go(east, north)),
        2 => (1..5_usize).prop_map(Move::Return),
        1 => Just(Move::Stay),
        1 => (-9..=9, -3..=3).prop_map(|(east, north)| Move::Gap(east, north)),
    ]
}

/// The segments of a route on the grid. One that ends before it has two positions is dropped.
fn draw(moves: &[Move]) -> Vec<Vec<(i32, i32)>> {
    let mut segments = vec![vec![(0, 0)]];
    for step in moves {
        let count = segments.len();
        let segment = segments.last_mut().unwrap();
        let (east, north) = *segment.last().unwrap();
        match step {
            Move::Go(x, y) => segment.push((east + x, north + y)),
            Move::Stay => segment.push((east, north)),
            Move::Return(steps) => {
                let back: Vec<_> = segment.iter().rev().skip(1).take(*steps).copied().collect();
                segment.extend(back);
            }
            Move::Gap(x, y) if count < 4 => segments.push(vec![(east + x, north + y)]),
            Move::Gap(..) => {}
        }
    }
    segments
}

/// A day's kind, its date, the position of the route that it is near, and the offset from there in quarters
/// of a step.
type Stop = (u8, i64, prop::sample::Index, (i32, i32));

fn any_stop() -> impl Strategy<Value = Stop> {
    let offset = prop_oneof![
        3 => Just((0, 0)),
        4 => (-8..=8, -8..=8),
        1 => (-100..=100, -100..=100),
    ];
    (0..3_u8, 0..40_i64, any::<prop::sample::Index>(), offset)
}

fn any_world() -> impl Strategy<Value = World> {
    let base = prop::sample::select(vec![
        (8.5, 47.4),
        (179.999, -17.0),
        (0.0, 90.0),
        (0.0, -90.0),
        (0.0, 0.0),
    ]);
    // Lanes 300 m apart, or days on which 400 km are too far.
    let step = prop::sample::select(vec![0.3, 1.7, 20.0]);
    let moves = prop::collection::vec(any_move(), 0..14);
    let stops = prop::collection::vec(any_stop(), 0..7);
    let schedule = (
        -5..40_i64,
        1..=500_u32,
        prop::collection::vec(0..40_i64, 0..8),
        prop::collection::vec(1..=7_u8, 0..4),
    );
    (base, step, moves, stops, prop::option::weighted(0.7, schedule)).prop_map(
        |((longitude, latitude), step, moves, stops, schedule)| {
            let grid = draw(&moves);
            let place = |(east, north): (i32, i32)| (f64::from(east) * step, f64::from(north) * step);
            let segments: Vec<Vec<Kilometres>> = grid
                .iter()
                .map(|segment| segment.iter().copied().map(place).collect())
                .collect();
            let segments: Vec<_> = segments.iter().map(Vec::as_slice).collect();
            let mut world = World::default()
                .based_at(longitude, latitude)
                .with_route(&segments);
            let positions = segments.concat();
            for (kind, date, index, (east, north)) in stops {
                let near = positions[index.index(positions.len())];
                let place = (
                    near.0 + f64::from(east) * step / 4.0,
                    near.1 + f64::from(north) * step / 4.0,
                );
                world = match kind {
                    0 => world.past(date, place),
                    1 => world.plan(date, place),
                    _ if world.track.iter().all(|there| there.date != day(date)) => {
                        world.tracked(date, place)
                    }
                    _ => world,
                };
            }
            if let Some((start, pace, rests, weekdays)) = schedule
                && !world.line.is_empty()
            {
                world = world.scheduled(start, pace, &rests, &weekdays);
            }
            world
        },
    )
}

/// Returns the days without a last one of at most 5 mm: rounding decides whether it is there.
fn without_last_millimetres<'a>(days: &'a [ItineraryDay], line: &Line) -> &'a [ItineraryDay] {
    let length = RouteIndex::new(line).length().millimetres();
    match days.split_last() {
        Some((last, before)) if last.source == DaySource::Route => {
            let place = before.iter().rev().find_map(|day| day.place);
            let is_at_the_end = place.is_some_and(|place| place.millimetres() + 5 >= length);
            if is_at_the_end { before } else { days }
        }
        _ => days,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_itinerary_is_as_defined(mut world in any_world()) {
        // The definition takes too long where every road is near every day.
        while Oracle::new(&world).choices() > 5_000 {
            if world.markers.pop().is_none() {
                world.track.pop();
            }
        }
        let (days, expected) = (world.days(), Oracle::new(&world).days());
        let days = without_last_millimetres(&days, &world.line);
        let expected = without_last_millimetres(&expected, &world.line);
        let dates = |days: &[ItineraryDay]| -> Vec<_> {
            days.iter().map(|day| (day.date, day.source, day.place.is_some())).collect()
        };
        prop_assert_eq!(dates(days), dates(expected));
        for (day, expected) in days.iter().zip(expected) {
            let places = [day.place, expected.place].map(|place| place.unwrap_or_default().millimetres());
            // Two formulas for the foot of a perpendicular differ by the noise of their cosines.
            prop_assert!(places[0].abs_diff(places[1]) <= 5, "{day:?} instead of {expected:?}");
            let off = distance(day.position, expected.position).metres();
            prop_assert!(off <= 0.005, "{day:?} instead of {expected:?}");
        }
    }
}
