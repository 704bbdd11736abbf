//! Places along a route, and the positions of the route near a point.

mod bounds;

use std::ops::Range;

use crate::geo::{
    Distance, DistanceTrend, EARTH_RADIUS_METRES, GreatCircleSegment, Position, UnitVector,
    along_great_circle,
};
use crate::line::{Line, LinePosition};
use bounds::BoundsTree;

/// A route, measured from its start, with an index of the great-circle segments between its positions.
///
/// A *place* is the distance from the start along the segments of the route, to 0.001 m.
#[derive(Debug, Clone)]
pub struct RouteIndex {
    vertices: Vec<Vertex>,
    bounds: BoundsTree,
}

/// A position of the route. Positions that repeat the one before are left out.
#[derive(Debug, Clone, Copy)]
struct Vertex {
    position: LinePosition,
    vector: UnitVector,
    /// The length of the route up to here.
    radians: f64,
    /// The same length as a place.
    place: Distance,
    /// Whether the route has a gap before this position.
    starts_segment: bool,
}

/// A place where the distance from the route to a point has a local minimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Candidate {
    /// The place.
    pub(super) place: Distance,
    /// The distance of the point from the place.
    pub(super) distance: Distance,
}

/// The greatest distance from the route at which a fixed day can have a place.
const CANDIDATE_DISTANCE: Distance = Distance::from_millimetres(5_000_000);

/// The work for a candidate and the choice of it, in edges that are examined in the same time.
const WORK_PER_CANDIDATE: usize = 20;

impl RouteIndex {
    /// Measures and indexes a route.
    #[must_use]
    pub fn new(line: &Line) -> Self {
        let mut vertices: Vec<Vertex> = Vec::with_capacity(line.positions().len());
        let mut radians = 0.0;
        for segment in line.segments() {
            let mut last: Option<Vertex> = None;
            let mut before: Option<UnitVector> = None;
            let mut count = 0;
            for position in segment {
                let vector = position.unit_vector();
                radians += before.map_or(0.0, |before| before.angle_to(vector));
                before = Some(vector);
                if last.is_some_and(|last| last.vector.is_same_point(vector)) {
                    continue;
                }
                let vertex = Vertex {
                    position: *position,
                    vector,
                    radians,
                    place: Distance::from_metres(radians * EARTH_RADIUS_METRES),
                    starts_segment: last.is_none(),
                };
                vertices.push(vertex);
                last = Some(vertex);
                count += 1;
            }
            // A segment that stays at one point is an edge without length.
            if count == 1 {
                vertices.extend(last.map(|vertex| Vertex {
                    starts_segment: false,
                    ..vertex
                }));
            }
        }
        let bounds = BoundsTree::new(&vertices);
        Self { vertices, bounds }
    }

    /// Returns the length of the route, which is the place of its end.
    #[must_use]
    pub fn length(&self) -> Distance {
        self.vertices
            .last()
            .map_or_else(Distance::default, |end| end.place)
    }

    /// Returns the position at a place, or `None` if the route has no positions.
    ///
    /// A place at a gap is the end of the earlier segment. A place beyond the end is the end.
    #[must_use]
    pub fn position_at(&self, place: Distance) -> Option<Position> {
        let index = self.vertices.partition_point(|vertex| vertex.place < place);
        let Some(next) = self.vertices.get(index) else {
            return self.vertices.last().map(|end| end.position.position());
        };
        if next.place == place {
            return Some(next.position.position());
        }
        let before = self.vertices.get(index.checked_sub(1)?)?;
        let radians = place.metres() / EARTH_RADIUS_METRES - before.radians;
        let fraction = (radians / (next.radians - before.radians)).clamp(0.0, 1.0);
        Some(along_great_circle(
            before.position.position(),
            next.position.position(),
            fraction,
        ))
    }

    /// Returns the candidates for the place of a position, in order, each place once.
    ///
    /// The work is taken from `work`. Once it is used up, positions have no candidates.
    pub(super) fn candidates(&self, position: Position, work: &mut usize) -> Vec<Candidate> {
        let point = position.unit_vector();
        let mut candidates = Vec::new();
        if *work == 0 {
            return candidates;
        }
        let vertex_candidate = |vertex: &Vertex| Candidate {
            place: vertex.place,
            distance: Distance::of_chord_squared(point.chord_squared_to(vertex.vector)),
        };
        // The vertex at which the edge before ended, if the distance fell along all of that edge.
        let mut fell_to = None;
        let mut examined = 0;
        for (index, a, b) in self.edges_near(point, CANDIDATE_DISTANCE) {
            examined += 1;
            let minimum = match DistanceTrend::along(a.vector, b.vector, point) {
                DistanceTrend::Grows if a.starts_segment || fell_to == Some(index) => vertex_candidate(a),
                DistanceTrend::Grows => continue,
                DistanceTrend::Falls => {
                    fell_to = Some(index + 1);
                    let ends_segment = self
                        .vertices
                        .get(index + 2)
                        .is_none_or(|next| next.starts_segment);
                    if !ends_segment {
                        continue;
                    }
                    vertex_candidate(b)
                }
                DistanceTrend::FallsThenGrows => Edge::new(a, b).nearest(point),
            };
            if minimum.distance <= CANDIDATE_DISTANCE {
                candidates.push(minimum);
            }
        }
        *work = work.saturating_sub(examined + WORK_PER_CANDIDATE * candidates.len());
        // Two ends at a gap have the same place, and so have minima that are less than 0.001 m apart.
        candidates.dedup_by(|later, earlier| {
            let is_same = later.place == earlier.place;
            if is_same {
                earlier.distance = earlier.distance.min(later.distance);
            }
            is_same
        });
        candidates
    }

    /// Returns the place at or after `from` that is nearest to a position, the earliest of equally near ones.
    ///
    /// Returns `None` if that place is further away than `within`.
    pub(super) fn nearest_from(
        &self,
        from: Distance,
        position: Position,
        within: Distance,
    ) -> Option<Distance> {
        let point = position.unit_vector();
        let first = Candidate {
            place: from,
            distance: Distance::of_chord_squared(
                point.chord_squared_to(self.position_at(from)?.unit_vector()),
            ),
        };
        let edges = self.edges_near(point, within).filter(|(_, _, b)| b.place >= from);
        let nearest = edges.map(|(_, a, b)| Edge::new(a, b).nearest(point));
        std::iter::once(first)
            .chain(nearest.filter(|nearest| nearest.place >= from))
            .filter(|nearest| nearest.distance <= within)
            .min_by_key(|nearest| (nearest.distance, nearest.place))
            .map(|nearest| nearest.place)
    }

    /// Returns all edges that may be within a distance of a point, in order, each with its index.
    fn edges_near(
        &self,
        point: UnitVector,
        within: Distance,
    ) -> impl Iterator<Item = (usize, &Vertex, &Vertex)> {
        let ranges = self.bounds.ranges_near(point, within).into_iter();
        ranges.flat_map(move |range: Range<usize>| {
            let start = range.start;
            let vertices = self.vertices.get(start..=range.end).unwrap_or_default();
            let edges = (start..).zip(vertices.iter().zip(vertices.iter().skip(1)));
            edges
                .filter(|(_, (_, b))| !b.starts_segment)
                .map(|(index, (a, b))| (index, a, b))
        })
    }
}

/// The part of the route between two consecutive positions of a segment.
struct Edge<'a> {
    a: &'a Vertex,
    b: &'a Vertex,
    segment: GreatCircleSegment,
}

impl<'a> Edge<'a> {
    fn new(a: &'a Vertex, b: &'a Vertex) -> Self {
        let segment = GreatCircleSegment::new(a.vector, b.vector);
        Self { a, b, segment }
    }

    /// Returns the place of the edge that is nearest to a point, and its distance.
    fn nearest(&self, point: UnitVector) -> Candidate {
        let radians = self.a.radians + self.segment.angle_to_nearest(point);
        let place = Distance::from_metres(radians * EARTH_RADIUS_METRES);
        Candidate {
            place: place.clamp(self.a.place, self.b.place),
            distance: Distance::of_chord_squared(self.segment.chord_squared_to(point)),
        }
    }
}

#[cfg(test)]
mod tests;
