//! The figures that a rider sees of a line.

use chrono::{DateTime, Utc};

use super::{BoundingBox, Line, LinePosition};
use crate::geo::{Distance, EARTH_RADIUS_METRES};

/// Elevations that count, in 0.1 m; a barometer without calibration gives any other.
const PLAUSIBLE_ELEVATIONS: std::ops::RangeInclusive<i32> = -5_000..=90_000;

/// The least climb that counts, in 0.1 m: smaller ones are the noise of a barometer.
const LEAST_CLIMB: i32 = 50;

/// The figures of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineSummary {
    /// The number of segments.
    pub segments: usize,
    /// The number of positions.
    pub positions: usize,
    /// The great-circle length along the segments; the gaps between them have none.
    pub length: Distance,
    /// The metres climbed; `None` for a line without elevations.
    pub ascent_metres: Option<f64>,
    /// The smallest box around the line; `None` for a line without positions.
    pub bounding_box: Option<BoundingBox>,
    /// The earliest time.
    pub first_time: Option<DateTime<Utc>>,
    /// The latest time.
    pub last_time: Option<DateTime<Utc>>,
}

impl LineSummary {
    /// Computes the figures of a line.
    #[must_use]
    pub fn of(line: &Line) -> Self {
        let times = line
            .positions()
            .iter()
            .filter_map(|position| position.time_millis());
        let instant = |millis: Option<i64>| millis.and_then(DateTime::from_timestamp_millis);
        Self {
            segments: line.segment_count(),
            positions: line.positions().len(),
            length: length(line),
            ascent_metres: ascent(line),
            bounding_box: BoundingBox::of(line),
            first_time: instant(times.clone().min()),
            last_time: instant(times.max()),
        }
    }
}

/// Sums the great-circle lengths of the segments, and rounds the sum, not each summand.
pub(super) fn length(line: &Line) -> Distance {
    let mut radians = 0.0;
    for segment in line.segments() {
        let mut vectors = segment.iter().map(|position| position.unit_vector());
        if let Some(mut last) = vectors.next() {
            for vector in vectors {
                radians += last.angle_to(vector);
                last = vector;
            }
        }
    }
    Distance::from_metres(radians * EARTH_RADIUS_METRES)
}

/// Adds up the climbs of at least [`LEAST_CLIMB`] above a reference that sinks with every lower elevation.
fn ascent(line: &Line) -> Option<f64> {
    let plausible = |position: &LinePosition| {
        position
            .elevation_units()
            .filter(|units| PLAUSIBLE_ELEVATIONS.contains(units))
    };
    let mut total = None;
    for segment in line.segments() {
        let mut elevations = segment.iter().filter_map(plausible);
        let Some(mut reference) = elevations.next() else {
            continue;
        };
        let climbed = total.get_or_insert(0_i64);
        for elevation in elevations {
            if elevation >= reference + LEAST_CLIMB {
                *climbed += i64::from(elevation - reference);
                reference = elevation;
            }
            reference = reference.min(elevation);
        }
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "100 000 climbs of 9 500 m are far below 2^53"
    )]
    total.map(|units| units as f64 / 10.0)
}
