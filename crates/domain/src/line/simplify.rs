//! Leaving out positions that a coarser view doesn't need.

use super::{Line, LinePosition};
use crate::geo::{EARTH_RADIUS_METRES, GreatCircleSegment, UnitVector};

/// How often a segment is split at its furthest position. Ordinary lines need about 20 levels; beyond, ranges are halved, so that
/// no line takes quadratic time. Halving keeps more positions than needed, and never drops one that is too far.
const MAX_UNBALANCED_SPLITS: u32 = 32;

/// Leaves out positions such that each is within `tolerance_metres` of the segment that replaces it.
///
/// Douglas–Peucker on the sphere, with great-circle segments: neither the antimeridian nor a pole is a border. The ends
/// of segments stay; zero keeps every position. (D. Douglas, T. Peucker, "Algorithms for the reduction of the number of
/// points required to represent a digitized line or its caricature", 1973.)
#[must_use]
pub fn simplify(line: &Line, tolerance_metres: f64) -> Line {
    if tolerance_metres <= 0.0 {
        return line.clone();
    }
    let half_angle = (tolerance_metres / EARTH_RADIUS_METRES / 2.0).min(std::f64::consts::FRAC_PI_2);
    let tolerance = (2.0 * half_angle.sin()).powi(2);
    let mut simplified = Line::default();
    for segment in line.segments() {
        let kept = needed(segment, tolerance);
        let positions = segment.iter().zip(kept).filter(|(_, is_kept)| *is_kept);
        simplified
            .positions
            .extend(positions.map(|(position, _)| *position));
        #[expect(clippy::cast_possible_truncation, reason = "at most `MAX_POSITIONS`")]
        simplified.segment_ends.push(simplified.positions.len() as u32);
    }
    simplified
}

/// Marks the positions that a segment needs.
fn needed(segment: &[LinePosition], tolerance: f64) -> Vec<bool> {
    let vectors: Vec<_> = segment.iter().map(|position| position.unit_vector()).collect();
    let last = vectors.len().saturating_sub(1);
    let mut kept = vec![false; vectors.len()];
    let mut keep = |index: usize| {
        if let Some(flag) = kept.get_mut(index) {
            *flag = true;
        }
    };
    keep(0);
    keep(last);
    let mut ranges = vec![(0, last, 0)];
    while let Some((first, last, depth)) = ranges.pop() {
        let Some((index, distance)) = furthest(&vectors, first, last) else {
            continue;
        };
        if distance <= tolerance {
            continue;
        }
        let split = if depth < MAX_UNBALANCED_SPLITS {
            index
        } else {
            first.midpoint(last)
        };
        keep(split);
        ranges.push((first, split, depth + 1));
        ranges.push((split, last, depth + 1));
    }
    kept
}

/// Returns the position between two others that is furthest from the segment that joins them.
fn furthest(vectors: &[UnitVector], first: usize, last: usize) -> Option<(usize, f64)> {
    let segment = GreatCircleSegment::new(*vectors.get(first)?, *vectors.get(last)?);
    let between = vectors.get(first + 1..last)?;
    let mut furthest: Option<(usize, f64)> = None;
    for (index, vector) in (first + 1..).zip(between) {
        let distance = segment.chord_squared_to(*vector);
        if furthest.is_none_or(|(_, most)| distance > most) {
            furthest = Some((index, distance));
        }
    }
    furthest
}
