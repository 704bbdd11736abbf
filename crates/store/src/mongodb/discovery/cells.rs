//! Where a marker is, as one number that a B-tree can search.
//!
//! The cube around the unit sphere is divided into eight, each part again, [`LEVELS`] times. A point's cell is the path to it, three bits a
//! level (G. M. Morton, "A Computer Oriented Geodetic Data Base", 1966). All points of a part share the beginning of their numbers, so
//! that a part is a range of them. Like the embedded store's boxes, cells know no antimeridian and no poles, and only find candidates.
//!
//! MongoDB's own `2dsphere` is not used: one marker with a place that it can't read keeps its index from being built, and a search around
//! ten thousand places is no query that it can plan.

use std::ops::RangeInclusive;

use kairos_domain::geo::{Position, UnitVector};

use crate::nearby::{BoundingBox, Origins};

/// How often the cube is divided: the smallest cells are six metres wide, and a number has 63 bits.
const LEVELS: u32 = 21;

/// How much smaller than the radius the cells of a search are: the smaller, the less is read around the rim, and the more ranges are
/// searched.
const CELLS_PER_RADIUS: f64 = 2.0;

/// The rounding of coordinates of magnitude one, generously.
const ROUNDING: f64 = 1e-15;

/// The cell of a place.
pub(in crate::mongodb) fn cell_of(position: Position) -> i64 {
    let point = position.unit_vector();
    let [x, y, z] = [point.x, point.y, point.z].map(steps);
    let cell = (0..LEVELS).fold(0, |cell, level| {
        let bit = |steps: u64| (steps >> level) & 1;
        cell | (bit(x) << (3 * level)) | (bit(y) << (3 * level + 1)) | (bit(z) << (3 * level + 2))
    });
    cell.cast_signed()
}

/// A coordinate of -1 to 1 in widths of the smallest cells.
fn steps(coordinate: f64) -> u64 {
    let cells = (1_u64 << LEVELS) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped before"
    )]
    let steps = ((coordinate + 1.0) / 2.0 * cells).clamp(0.0, cells - 1.0) as u64;
    steps
}

/// The ranges of cells that together hold every place within the radius of some origin, in order, none touching the next.
pub(super) fn ranges_around(origins: &Origins) -> Vec<RangeInclusive<i64>> {
    let mut ranges = Vec::new();
    Part::WHOLE.collect(origins, &mut ranges);
    ranges
}

/// A part of the cube.
#[derive(Clone, Copy)]
struct Part {
    /// How often the cube was divided for it.
    level: u32,
    /// The path to it.
    path: u64,
    /// Its corner with the lowest coordinates.
    corner: UnitVector,
}

impl Part {
    const WHOLE: Self = Self {
        level: 0,
        path: 0,
        corner: UnitVector {
            x: -1.0,
            y: -1.0,
            z: -1.0,
        },
    };

    fn width(self) -> f64 {
        2.0 / (1_u64 << self.level) as f64
    }

    fn collect(self, origins: &Origins, ranges: &mut Vec<RangeInclusive<i64>>) {
        let bounds = self.bounds();
        if !bounds.meets_the_sphere() || !origins.reach_into(&bounds) {
            return;
        }
        if self.level < LEVELS && self.width() * CELLS_PER_RADIUS > origins.reach() {
            self.parts().for_each(|part| part.collect(origins, ranges));
            return;
        }
        let cells = self.cells();
        match ranges.last_mut() {
            Some(last) if *last.end() + 1 == *cells.start() => *last = *last.start()..=*cells.end(),
            _ => ranges.push(cells),
        }
    }

    /// Its eight parts, in the order of their cells.
    fn parts(self) -> impl Iterator<Item = Self> {
        let width = self.width() / 2.0;
        (0..8_u8).map(move |octant| {
            let shift = |from: f64, bit: u8| if octant & bit == 0 { from } else { from + width };
            Self {
                level: self.level + 1,
                path: (self.path << 3) | u64::from(octant),
                corner: UnitVector {
                    x: shift(self.corner.x, 1),
                    y: shift(self.corner.y, 2),
                    z: shift(self.corner.z, 4),
                },
            }
        })
    }

    fn cells(self) -> RangeInclusive<i64> {
        let below = 3 * (LEVELS - self.level);
        let first = self.path << below;
        let last = first | ((1 << below) - 1);
        first.cast_signed()..=last.cast_signed()
    }

    fn bounds(self) -> BoundingBox {
        let shifted = |by: f64| UnitVector {
            x: self.corner.x + by,
            y: self.corner.y + by,
            z: self.corner.z + by,
        };
        BoundingBox {
            from: shifted(-ROUNDING),
            to: shifted(self.width() + ROUNDING),
        }
    }
}

impl BoundingBox {
    /// Whether the surface of the unit sphere goes through it.
    fn meets_the_sphere(&self) -> bool {
        let sides = [
            (self.from.x, self.to.x),
            (self.from.y, self.to.y),
            (self.from.z, self.to.z),
        ];
        let nearest: f64 = sides
            .iter()
            .map(|(from, to)| from.max(-to).max(0.0).powi(2))
            .sum();
        let furthest: f64 = sides
            .iter()
            .map(|(from, to)| from.abs().max(to.abs()).powi(2))
            .sum();
        nearest <= 1.0 + ROUNDING * 10.0 && furthest >= 1.0 - ROUNDING * 10.0
    }
}

#[cfg(test)]
mod tests {
    use kairos_domain::geo::{Distance, distance};
    use proptest::prelude::*;

    use super::*;

    fn at(longitude: f64, latitude: f64) -> Position {
        Position::new(longitude, latitude, None).unwrap()
    }

    fn position() -> impl Strategy<Value = Position> {
        prop_oneof![
            (-180.0..=180.0, -90.0..=90.0),
            (-180.0..=180.0, 89.99..=90.0),
            (179.99..=180.0, -0.01..=0.01),
            (-180.0..=-179.99, -0.01..=0.01),
            (-0.01..=0.01, -0.01..=0.01),
        ]
        .prop_map(|(longitude, latitude)| at(longitude, latitude))
    }

    proptest! {
        #[test]
        fn every_place_within_the_radius_is_in_some_range(
            origins in prop::collection::vec(position(), 1..20),
            places in prop::collection::vec(position(), 1..20),
            radius in prop_oneof![Just(0.0), 0.0..10.0, 0.0..2_000.0, 0.0..500_000.0, Just(2.1e7)],
        ) {
            let ranges = ranges_around(&Origins::new(&origins, radius));
            prop_assert!(ranges.windows(2).all(|pair| *pair[0].end() + 1 < *pair[1].start()));
            for place in places.iter().chain(&origins) {
                let nearest = origins.iter().map(|origin| distance(*origin, *place)).min().unwrap();
                if nearest <= Distance::from_metres(radius) {
                    let cell = cell_of(*place);
                    prop_assert!(ranges.iter().any(|range| range.contains(&cell)));
                }
            }
        }
    }

    #[test]
    fn a_search_reads_little_beside_its_circle() {
        for (origin, radius) in [
            (at(16.4, 48.2), 2_000.0),
            (at(-180.0, 0.0), 100_000.0),
            (at(5.0, 90.0), 500_000.0),
        ] {
            let ranges = ranges_around(&Origins::new(&[origin], radius));
            assert!(ranges.len() < 60, "{}", ranges.len());
            // The places of a square three times as wide as the circle: few outside a circle twice as wide are read.
            let step = radius * 3.0 / 50.0 / 111_000.0;
            for (row, column) in (-50..=50).flat_map(|row| (-50..=50).map(move |column| (row, column))) {
                let latitude: f64 = origin.latitude() + f64::from(row) * step;
                if latitude > 90.0 {
                    continue;
                }
                let longitude = origin.longitude() + f64::from(column) * step;
                let place = at((longitude + 540.0).rem_euclid(360.0) - 180.0, latitude);
                let is_read = ranges.iter().any(|range| range.contains(&cell_of(place)));
                assert!(!is_read || distance(origin, place).metres() < 2.0 * radius);
            }
        }
    }
}
