//! The box around a line, right across the antimeridian.

use super::Line;

/// Units of 1e-7 degrees in the whole circle.
const CIRCLE: i64 = 3_600_000_000;

/// A box as in RFC 7946, section 5: `west` is greater than `east` where the box lies across the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// The western edge, in degrees.
    pub west: f64,
    /// The southern edge, in degrees.
    pub south: f64,
    /// The eastern edge, in degrees.
    pub east: f64,
    /// The northern edge, in degrees.
    pub north: f64,
}

impl BoundingBox {
    /// Returns the narrowest box that holds the positions of a line and the way between them.
    #[must_use]
    pub fn of(line: &Line) -> Option<Self> {
        let latitudes = line.positions().iter().map(|position| position.latitude_units());
        let (south, north) = (latitudes.clone().min()?, latitudes.max()?);
        let (west, east) = narrowest(line.segments().filter_map(|segment| {
            extent(
                segment
                    .iter()
                    .map(|position| i64::from(position.longitude_units())),
            )
        }));
        Some(Self {
            west: degrees(west),
            south: degrees(i64::from(south)),
            east: degrees(east),
            north: degrees(i64::from(north)),
        })
    }
}

/// Follows the longitudes of a segment the short way round and returns the least and the greatest, which may
/// lie beyond ±180 degrees.
fn extent(mut longitudes: impl Iterator<Item = i64>) -> Option<(i64, i64)> {
    let mut last = longitudes.next()?;
    let (mut west, mut east, mut unwrapped) = (last, last, last);
    for longitude in longitudes {
        let turn = (longitude - last + CIRCLE / 2).rem_euclid(CIRCLE) - CIRCLE / 2;
        unwrapped += turn;
        west = west.min(unwrapped);
        east = east.max(unwrapped);
        last = longitude;
    }
    Some((west, east))
}

/// Returns the complement of the widest gap between the extents.
fn narrowest(extents: impl Iterator<Item = (i64, i64)>) -> (i64, i64) {
    let whole = (-CIRCLE / 2, CIRCLE / 2);
    let mut extents: Vec<_> = extents
        .map(|(west, east)| {
            let start = (west + CIRCLE / 2).rem_euclid(CIRCLE) - CIRCLE / 2;
            (start, start + east - west)
        })
        .collect();
    extents.sort_unstable();
    let Some(&(first, mut reach)) = extents.first() else {
        return whole;
    };
    let furthest = extents.iter().map(|(_, east)| *east).max().unwrap_or(reach);
    // An extent across the antimeridian also covers the beginning of the circle.
    reach = reach.max(furthest - CIRCLE);
    // The gap from the easternmost end round to the first start comes first: it lies at the antimeridian.
    let mut widest = (first + CIRCLE - furthest, first, furthest);
    for &(west, east) in &extents {
        if west - reach > widest.0 {
            widest = (west - reach, west, reach);
        }
        reach = reach.max(east);
    }
    let (gap, west, east) = widest;
    if gap <= 0 {
        return whole;
    }
    (west, if east > CIRCLE / 2 { east - CIRCLE } else { east })
}

#[expect(clippy::cast_precision_loss, reason = "at most 1.8e9 units")]
fn degrees(units: i64) -> f64 {
    units as f64 / 1e7
}
