//! The positions that stand for a line in the search by place.

use super::Line;
use crate::geo::{EARTH_RADIUS_METRES, Position, along_great_circle};

/// The distance along a segment from one position of [`nearby_positions`] to the next, in metres.
pub const NEARBY_SPACING_METRES: f64 = 5_000.0;

/// Returns the positions that stand for a line in the search by place, without elevations.
///
/// They are [`NEARBY_SPACING_METRES`] apart along each segment, beginning with its first position. The last
/// position of each segment is one of them, too.
#[must_use]
pub fn nearby_positions(line: &Line) -> Vec<Position> {
    let spacing = NEARBY_SPACING_METRES / EARTH_RADIUS_METRES;
    let mut positions = Vec::new();
    for segment in line.segments() {
        let mut radians = 0.0;
        let mut count = 0_u32;
        for (a, b) in segment.iter().zip(segment.iter().skip(1)) {
            let length = a.unit_vector().angle_to(b.unit_vector());
            while f64::from(count) * spacing < radians + length {
                let fraction = (f64::from(count) * spacing - radians) / length;
                positions.push(along_great_circle(a.position(), b.position(), fraction));
                count += 1;
            }
            radians += length;
        }
        positions.extend(segment.last().map(|last| last.position()));
    }
    positions
}
