use proptest::prelude::*;

use super::*;
use crate::geo::distance;
use crate::line::{LineBuilder, LineSummary};

fn at(longitude: f64, latitude: f64) -> Position {
    Position::new(longitude, latitude, None).unwrap()
}

fn line(segments: &[Vec<Position>]) -> Line {
    let mut builder = LineBuilder::default();
    for segment in segments {
        for position in segment {
            builder.push(LinePosition::new(*position, None)).unwrap();
        }
        builder.end_segment();
    }
    builder.finish()
}

fn candidates(index: &RouteIndex, position: Position) -> Vec<Candidate> {
    index.candidates(position, &mut { usize::MAX })
}

fn any_position() -> impl Strategy<Value = Position> {
    prop_oneof![
        4 => (8.0..8.2, 47.0..47.1),
        1 => (-180.0..=180.0, 89.9..=90.0),
        1 => (179.9..=180.0, -0.1..0.1),
        1 => (-180.0..-179.9, -0.1..0.1),
    ]
    .prop_map(|(longitude, latitude)| at(longitude, latitude))
}

fn any_line() -> impl Strategy<Value = Line> {
    let segment = prop::collection::vec(any_position(), 2..60);
    prop::collection::vec(segment, 1..4).prop_map(|segments| line(&segments))
}

proptest! {
    #[test]
    fn a_route_is_as_long_as_its_summary_says(line in any_line()) {
        let index = RouteIndex::new(&line);
        prop_assert_eq!(index.length(), LineSummary::of(&line).length);
        prop_assert_eq!(index.position_at(index.length()), line.positions().last().map(|end| end.position()));
        prop_assert_eq!(index.position_at(Distance::default()), line.positions().first().map(|start| start.position()));
    }

    #[test]
    fn candidates_are_the_local_minima(
        positions in prop::collection::vec(any_position(), 2..60),
        position in any_position(),
    ) {
        let index = RouteIndex::new(&line(&[positions]));
        let length = index.length().metres();
        let distance_at = |metres: f64| {
            let there = index.position_at(Distance::from_metres(metres.clamp(0.0, length))).unwrap();
            distance(there, position).metres()
        };
        let found = candidates(&index, position);
        for Candidate { place, distance } in &found {
            let (place, distance) = (place.metres(), distance.metres());
            prop_assert!((distance_at(place) - distance).abs() <= 0.002);
            for beside in [-5.0, -0.5, 0.5, 5.0] {
                // Beyond the next position of the route, the distance may fall again.
                let is_beyond = |vertex: &Vertex| {
                    let ahead = (vertex.place.metres() - place) / beside;
                    0.0 < ahead && ahead < 1.0
                };
                let is_nearer = distance_at(place + beside) < distance - 0.002;
                prop_assert!(!is_nearer || index.vertices.iter().any(is_beyond), "{place} is no minimum");
            }
        }
        // Every minimum of a dense sample is beside a candidate.
        let step = length / 5000.0;
        let sample: Vec<_> = (0..=5000).map(|number| distance_at(f64::from(number) * step)).collect();
        for (number, here) in sample.iter().enumerate() {
            let neighbours = &sample[number.saturating_sub(1)..sample.len().min(number + 2)];
            if *here < 5000.0 && neighbours.iter().all(|other| other >= here) {
                let place = number as f64 * step;
                let is_near = |found: &Candidate| (found.place.metres() - place).abs() <= step + 0.01;
                prop_assert!(found.iter().any(is_near), "no candidate at {place}");
            }
        }
    }
}

#[test]
fn repeated_positions_neither_add_nor_hide_a_minimum() {
    let (a, b, c) = (at(8.0, 47.0), at(8.1, 47.0), at(8.2, 47.01));
    let plain = RouteIndex::new(&line(&[vec![a, b, c]]));
    let repeated = RouteIndex::new(&line(&[vec![a, a, b, b, b, c, c]]));
    for position in [
        a,
        b,
        c,
        at(8.1, 46.99),
        at(8.05, 47.01),
        at(7.99, 47.0),
        at(8.21, 47.01),
    ] {
        assert_eq!(candidates(&repeated, position), candidates(&plain, position));
        assert_eq!(candidates(&plain, position).len(), 1);
    }
}

#[test]
fn a_segment_that_stays_at_one_point_has_its_place() {
    let index = RouteIndex::new(&line(&[
        vec![at(8.0, 47.0); 3],
        vec![at(8.1, 47.0), at(8.2, 47.0)],
    ]));
    let near = candidates(&index, at(8.0, 47.01));
    assert_eq!(near.len(), 1);
    assert_eq!(near[0].place, Distance::default());
    assert_eq!(near[0].distance, distance(at(8.0, 47.0), at(8.0, 47.01)));
}

#[test]
fn two_ends_at_a_gap_are_one_candidate_with_the_smaller_distance() {
    let index = RouteIndex::new(&line(&[
        vec![at(8.0, 47.0), at(8.1, 47.0)],
        vec![at(8.11, 47.0), at(8.2, 47.0)],
    ]));
    let near = candidates(&index, at(8.107, 47.0));
    assert_eq!(near.len(), 1);
    assert_eq!(near[0].distance, distance(at(8.107, 47.0), at(8.11, 47.0)));
    assert_eq!(index.position_at(near[0].place), Some(at(8.1, 47.0)));
}

#[test]
fn an_index_of_a_long_route_finds_what_a_scan_finds() {
    // A spiral of 5 000 positions, and a great circle of a quarter of the sphere.
    let spiral = (0..5000).map(|number| {
        let turn = f64::from(number) / 50.0;
        at(8.0 + turn * 0.01 * turn.cos(), 47.0 + turn * 0.005 * turn.sin())
    });
    let line = line(&[spiral.collect(), vec![at(-60.0, 0.0), at(29.0, 5.0)]]);
    let index = RouteIndex::new(&line);
    for position in [
        at(8.0, 47.0),
        at(8.3, 47.1),
        at(9.0, 47.0),
        at(-20.0, 4.0),
        at(0.0, 60.0),
    ] {
        let point = position.unit_vector();
        let is_near = |(a, b): (&Vertex, &Vertex)| {
            !b.starts_segment && Edge::new(a, b).nearest(point).distance <= CANDIDATE_DISTANCE
        };
        let edges = index.vertices.iter().zip(&index.vertices[1..]);
        let expected: Vec<_> = (0..)
            .zip(edges)
            .filter(|(_, edge)| is_near(*edge))
            .map(|(index, _)| index)
            .collect();
        let found: Vec<usize> = index
            .edges_near(point, CANDIDATE_DISTANCE)
            .map(|(index, ..)| index)
            .collect();
        assert!(found.is_sorted() && expected.iter().all(|edge| found.contains(edge)));
        assert!(
            found.len() <= expected.len() + 20 * 16,
            "{} edges for {}",
            found.len(),
            expected.len()
        );
    }
}

#[test]
fn positions_have_no_candidates_once_the_work_is_used_up() {
    let index = RouteIndex::new(&line(&[vec![at(8.0, 47.0), at(8.1, 47.0)]]));
    let mut work = 22;
    assert_eq!(index.candidates(at(8.05, 47.0), &mut work).len(), 1);
    assert_eq!(work, 1);
    assert_eq!(index.candidates(at(8.05, 47.0), &mut work).len(), 1);
    assert_eq!(work, 0);
    assert!(index.candidates(at(8.05, 47.0), &mut work).is_empty());
}
