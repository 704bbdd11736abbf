//! The definition of the itinerary, carried out literally and slowly: all edges of the route, all choices of
//! places, and each day for itself.

mod rules;

use super::world::World;
use crate::geo::{
    Distance, EARTH_RADIUS_METRES, GreatCircleSegment, Position, UnitVector, along_great_circle,
};

/// A place in millimetres and the distance from it.
type Candidate = (u64, Distance);

struct Edge {
    segment: usize,
    ends: [UnitVector; 2],
    /// The length of the route up to each end, in radians.
    radians: [f64; 2],
    positions: [Position; 2],
}

pub(super) struct Oracle<'a> {
    world: &'a World,
    edges: Vec<Edge>,
}

fn millimetres(radians: f64) -> u64 {
    (radians * EARTH_RADIUS_METRES * 1000.0).round() as u64
}

impl<'a> Oracle<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        let mut edges = Vec::new();
        let mut radians = 0.0;
        for (segment, positions) in world.line.segments().enumerate() {
            let first = edges.len();
            for pair in positions.windows(2) {
                let ends = [pair[0].unit_vector(), pair[1].unit_vector()];
                let length = ends[0].angle_to(ends[1]);
                let is_last = std::ptr::eq(&pair[1], positions.last().unwrap());
                // An edge without length says nothing, unless the segment has no other.
                if length > 1e-12 || (is_last && edges.len() == first) {
                    edges.push(Edge {
                        segment,
                        ends,
                        radians: [radians, radians + length],
                        positions: [pair[0].position(), pair[1].position()],
                    });
                }
                radians += length;
            }
        }
        Self { world, edges }
    }

    fn length(&self) -> u64 {
        self.edges.last().map_or(0, |edge| millimetres(edge.radians[1]))
    }

    fn position_at(&self, place: u64) -> Position {
        for edge in &self.edges {
            let [from, to] = edge.radians.map(millimetres);
            if place == from {
                return edge.positions[0];
            }
            if place == to {
                return edge.positions[1];
            }
            if (from..to).contains(&place) {
                let fraction = (place - from) as f64 / (to - from) as f64;
                return along_great_circle(edge.positions[0], edge.positions[1], fraction);
            }
        }
        panic!("{place} is beyond the end");
    }

    fn candidates(&self, position: Position) -> Vec<Candidate> {
        let point = position.unit_vector();
        let angles = |edge: &Edge| {
            let length = edge.ends[0].angle_to(edge.ends[1]);
            let segment = GreatCircleSegment::new(edge.ends[0], edge.ends[1]);
            (segment.angle_to_nearest(point), length)
        };
        let mut candidates: Vec<Candidate> = Vec::new();
        for (index, edge) in self.edges.iter().enumerate() {
            let (angle, length) = angles(edge);
            let neighbour = |index: Option<usize>| {
                let other = self.edges.get(index?)?;
                (other.segment == edge.segment).then(|| angles(other))
            };
            // At an end, the distance must not fall further along the neighbour.
            let is_minimum = if angle <= 0.0 {
                neighbour(index.checked_sub(1)).is_none_or(|(angle, length)| angle >= length)
            } else if angle >= length {
                neighbour(Some(index + 1)).is_none_or(|(angle, _)| angle <= 0.0)
            } else {
                true
            };
            let distance = Distance::of_chord_squared(
                GreatCircleSegment::new(edge.ends[0], edge.ends[1]).chord_squared_to(point),
            );
            if !is_minimum || distance.metres() > 5000.0 {
                continue;
            }
            let place = millimetres(edge.radians[0] + angle);
            match candidates.iter_mut().find(|(other, _)| *other == place) {
                Some(same) => same.1 = same.1.min(distance),
                None => candidates.push((place, distance)),
            }
        }
        candidates
    }
}
