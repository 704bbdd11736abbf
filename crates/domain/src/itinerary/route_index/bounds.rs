//! A tree of boxes around consecutive positions of a route.

use std::ops::Range;

use super::Vertex;
use crate::geo::{Distance, EARTH_RADIUS_METRES, UnitVector};

/// The edges in a leaf of the tree.
const EDGES_PER_LEAF: usize = 16;

/// The children of an inner node.
const FANOUT: usize = 8;

/// Boxes around consecutive edges, level by level, the leaves first.
#[derive(Debug, Clone)]
pub(super) struct BoundsTree {
    levels: Vec<Vec<Bounds>>,
    edges: usize,
}

impl BoundsTree {
    pub(super) fn new(vertices: &[Vertex]) -> Self {
        let edges = vertices.len().saturating_sub(1);
        let starts = (0..edges).step_by(EDGES_PER_LEAF);
        let leaf = |start: usize| vertices.iter().skip(start).take(EDGES_PER_LEAF + 1);
        let mut levels: Vec<Vec<Bounds>> =
            vec![starts.map(|start| Bounds::around_edges(leaf(start))).collect()];
        while let Some(level) = levels.last()
            && level.len() > 1
        {
            let parents = level.chunks(FANOUT).map(|nodes| nodes.iter().copied().collect());
            let parents: Vec<Bounds> = parents.collect();
            levels.push(parents);
        }
        Self { levels, edges }
    }

    /// Returns the ranges of edges that may be within a distance of a point, in order.
    pub(super) fn ranges_near(&self, point: UnitVector, within: Distance) -> Vec<Range<usize>> {
        // Distances are rounded before they are compared: one millimetre more is looked at.
        let chord = (within.metres() + 0.001) / EARTH_RADIUS_METRES;
        let mut ranges = Vec::new();
        let mut nodes = vec![(self.levels.len().saturating_sub(1), 0)];
        while let Some((height, index)) = nodes.pop() {
            let node = self.levels.get(height).and_then(|level| level.get(index));
            if node.is_none_or(|node| node.chord_squared_to(point) > chord * chord) {
                continue;
            }
            if let Some(below) = height.checked_sub(1) {
                // The first child is pushed last, so that it is the next one.
                nodes.extend((0..FANOUT).rev().map(|child| (below, index * FANOUT + child)));
            } else {
                let start = index * EDGES_PER_LEAF;
                ranges.push(start..(start + EDGES_PER_LEAF).min(self.edges));
            }
        }
        ranges
    }
}

/// A box that contains great-circle segments.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    least: UnitVector,
    greatest: UnitVector,
}

impl Bounds {
    const EMPTY: Self = Self {
        least: UnitVector {
            x: f64::INFINITY,
            y: f64::INFINITY,
            z: f64::INFINITY,
        },
        greatest: UnitVector {
            x: f64::NEG_INFINITY,
            y: f64::NEG_INFINITY,
            z: f64::NEG_INFINITY,
        },
    };

    fn around_edges<'a>(vertices: impl Iterator<Item = &'a Vertex> + Clone) -> Self {
        let points = vertices.clone().map(|vertex| vertex.vector);
        let around_points: Self = points
            .map(|point| Self {
                least: point,
                greatest: point,
            })
            .collect();
        let edges = vertices.clone().zip(vertices.skip(1));
        let chords = edges
            .filter(|(_, b)| !b.starts_segment)
            .map(|(a, b)| a.vector.chord_squared_to(b.vector));
        let longest = chords.fold(0.0, f64::max).min(4.0);
        // An arc rises above its chord by at most 1 − √(1 − c²/4); this form has no cancellation near zero.
        let rise = longest / 4.0 / (1.0 + (1.0 - longest / 4.0).sqrt());
        around_points.widened_by(rise + 1e-12)
    }

    fn widened_by(self, margin: f64) -> Self {
        let UnitVector { x, y, z } = self.least;
        let least = UnitVector {
            x: x - margin,
            y: y - margin,
            z: z - margin,
        };
        let UnitVector { x, y, z } = self.greatest;
        let greatest = UnitVector {
            x: x + margin,
            y: y + margin,
            z: z + margin,
        };
        Self { least, greatest }
    }

    /// Returns the square of the distance from a point to the box, in squares of the radius.
    fn chord_squared_to(&self, point: UnitVector) -> f64 {
        let beyond = |least: f64, value: f64, greatest: f64| (least - value).max(value - greatest).max(0.0);
        beyond(self.least.x, point.x, self.greatest.x).powi(2)
            + beyond(self.least.y, point.y, self.greatest.y).powi(2)
            + beyond(self.least.z, point.z, self.greatest.z).powi(2)
    }
}

impl FromIterator<Self> for Bounds {
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        parts.into_iter().fold(Self::EMPTY, |all, part| Self {
            least: UnitVector {
                x: all.least.x.min(part.least.x),
                y: all.least.y.min(part.least.y),
                z: all.least.z.min(part.least.z),
            },
            greatest: UnitVector {
                x: all.greatest.x.max(part.greatest.x),
                y: all.greatest.y.max(part.greatest.y),
                z: all.greatest.z.max(part.greatest.z),
            },
        })
    }
}
