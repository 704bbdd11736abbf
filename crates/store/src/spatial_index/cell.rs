//! Where a place is, as a number that a B-tree can search.
//!
//! The cube around the unit sphere is divided into eight, each part again, up to [`Cell::FINEST`] times. A
//! cell is the path to such a part, three bits a level (G. M. Morton, "A Computer Oriented Geodetic Data
//! Base", 1966). All places of a part share the beginning of their paths, so that a part is a range of its
//! finest cells. Points of a sphere in space have neither an antimeridian nor poles, and nor have cells. They
//! only find candidates.

use std::ops::RangeInclusive;

use kairos_domain::geo::{Position, UnitVector};

/// By how much the borders of a cell may be off for the rounding of coordinates of magnitude one, in radii of
/// the sphere, generously.
const ROUNDING: f64 = 1e-15;

/// A part of the cube around the unit sphere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cell {
    /// How often the cube was divided for it.
    level: u32,
    /// The path to it.
    path: u64,
}

impl Cell {
    /// The level of the smallest cells: they are six metres wide, and their paths have 63 bits.
    pub(crate) const FINEST: u32 = 21;

    /// The cell of a level that a place is in.
    pub(crate) fn of(position: Position, level: u32) -> Self {
        let point = position.unit_vector();
        Self::at(
            [point.x, point.y, point.z].map(|coordinate| step(coordinate, level)),
            level,
        )
    }

    fn at(steps: [u64; 3], level: u32) -> Self {
        let path = (0..level).fold(0, |path, bit| {
            let of = |axis: usize| ((steps.get(axis).copied().unwrap_or_default() >> bit) & 1) << axis;
            path | ((of(0) | of(1) | of(2)) << (3 * bit))
        });
        Self { level, path }
    }

    /// How wide the cells of a level are, in radii of the sphere.
    pub(crate) fn width(level: u32) -> f64 {
        2.0 / (1_u64 << level) as f64
    }

    /// The cells of a level that together hold every point of the sphere that is as near to some of these
    /// points as a chord, in order.
    pub(crate) fn covering(points: &[UnitVector], chord: f64, level: u32) -> Vec<Self> {
        let mut cells = Vec::new();
        for point in points {
            let steps = |coordinate: f64| step(coordinate - chord, level)..=step(coordinate + chord, level);
            for x in steps(point.x) {
                for y in steps(point.y) {
                    for z in steps(point.z) {
                        let sides = [x, y, z].map(|step| Side::of(step, level));
                        if meets_the_sphere(&sides) && is_within(&sides, *point, chord) {
                            cells.push(Self::at([x, y, z], level));
                        }
                    }
                }
            }
        }
        cells.sort_unstable();
        cells.dedup();
        cells
    }

    /// The same as one number, different for cells of different levels: the path behind a one. Cells of the
    /// [finest](Self::FINEST) level have none.
    pub(crate) fn code(self) -> i64 {
        ((1 << (3 * self.level)) | self.path).cast_signed()
    }

    /// The codes of the cells of several levels that a place is in.
    pub(crate) fn codes<const N: usize>(position: Position, levels: [u32; N]) -> [i64; N] {
        let finest = Self::of(position, Self::FINEST);
        levels.map(|level| finest.parent(level).code())
    }

    /// The cell of a coarser level that it is in.
    fn parent(self, level: u32) -> Self {
        Self {
            level,
            path: self.path >> (3 * (self.level - level)),
        }
    }

    /// The path to it.
    pub(crate) fn path(self) -> i64 {
        self.path.cast_signed()
    }

    /// The paths of the finest cells in it.
    pub(crate) fn finest(self) -> RangeInclusive<i64> {
        let below = 3 * (Self::FINEST - self.level);
        let first = self.path << below;
        let last = first | ((1 << below) - 1);
        first.cast_signed()..=last.cast_signed()
    }

    /// The [finest](Self::finest) cells of several ones that are in order, as few ranges as hold nothing
    /// else.
    pub(crate) fn ranges(cells: &[Self]) -> Vec<RangeInclusive<i64>> {
        let mut ranges: Vec<RangeInclusive<i64>> = Vec::with_capacity(cells.len());
        for cell in cells {
            let next = cell.finest();
            match ranges.last_mut() {
                Some(last) if *last.end() + 1 == *next.start() => *last = *last.start()..=*next.end(),
                _ => ranges.push(next),
            }
        }
        ranges
    }
}

/// A coordinate of -1 to 1 in widths of a level's cells. It never falls where the coordinate rises, so that
/// what lies between two coordinates lies between their steps.
fn step(coordinate: f64, level: u32) -> u64 {
    let cells = (1_u64 << level) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped before"
    )]
    let step = ((coordinate + 1.0) / 2.0 * cells).clamp(0.0, cells - 1.0) as u64;
    step
}

/// A side of a cell, from its lower to its upper coordinate.
struct Side {
    from: f64,
    to: f64,
}

impl Side {
    fn of(step: u64, level: u32) -> Self {
        let width = Cell::width(level);
        let from = step as f64 * width - 1.0;
        Self {
            from: from - ROUNDING,
            to: from + width + ROUNDING,
        }
    }
}

/// Whether the surface of the unit sphere goes through a cell.
fn meets_the_sphere(sides: &[Side; 3]) -> bool {
    let nearest: f64 = sides
        .iter()
        .map(|side| side.from.max(-side.to).max(0.0).powi(2))
        .sum();
    let furthest: f64 = sides
        .iter()
        .map(|side| side.from.abs().max(side.to.abs()).powi(2))
        .sum();
    nearest <= 1.0 + ROUNDING * 10.0 && furthest >= 1.0 - ROUNDING * 10.0
}

/// Whether some point of a cell is as near to a point as a chord.
fn is_within(sides: &[Side; 3], point: UnitVector, chord: f64) -> bool {
    let gaps = sides.iter().zip([point.x, point.y, point.z]);
    let squared: f64 = gaps
        .map(|(side, coordinate)| {
            (side.from - coordinate)
                .max(coordinate - side.to)
                .max(0.0)
                .powi(2)
        })
        .sum();
    squared <= chord * chord
}

#[cfg(test)]
mod tests {
    use kairos_domain::geo::{Distance, distance};
    use proptest::prelude::*;

    use super::*;
    use crate::spatial_index::chord_of;

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

    fn covering(origins: &[Position], radius_metres: f64, level: u32) -> Vec<Cell> {
        let points: Vec<_> = origins.iter().map(|origin| origin.unit_vector()).collect();
        Cell::covering(&points, chord_of(radius_metres), level)
    }

    proptest! {
        #[test]
        fn every_place_within_the_radius_is_in_some_cell(
            origins in prop::collection::vec(position(), 1..20),
            places in prop::collection::vec(position(), 1..20),
            (radius, level) in prop_oneof![
                (0.0..10.0, 18..=18_u32),
                (0.0..2_000.0, 10..=12_u32),
                (0.0..500_000.0, 4..=5_u32),
                (Just(0.0), 0..=20_u32),
                (Just(2.1e7), 2..=4_u32),
            ],
        ) {
            let cells = covering(&origins, radius, level);
            prop_assert!(cells.is_sorted_by(|cell, next| cell < next));
            let ranges = Cell::ranges(&cells);
            prop_assert!(ranges.windows(2).all(|pair| *pair[0].end() + 1 < *pair[1].start()));
            for place in places.iter().chain(&origins) {
                let nearest = origins.iter().map(|origin| distance(*origin, *place)).min().unwrap();
                let cell = Cell::of(*place, level);
                if nearest <= Distance::from_metres(radius) {
                    prop_assert!(cells.contains(&cell));
                }
                let finest = *Cell::of(*place, Cell::FINEST).finest().start();
                prop_assert_eq!(
                    ranges.iter().any(|range| range.contains(&finest)),
                    cells.contains(&cell)
                );
            }
        }
    }

    #[test]
    fn cells_of_different_levels_have_different_codes() {
        let place = at(16.4, 48.2);
        let codes: std::collections::HashSet<_> = (0..Cell::FINEST)
            .map(|level| Cell::of(place, level).code())
            .collect();
        assert_eq!(codes.len(), Cell::FINEST as usize);
        assert!(codes.iter().all(|code| *code > 0));
    }

    #[test]
    fn a_coarser_cell_of_a_place_is_the_beginning_of_its_finer_ones() {
        let place = at(-123.4, -67.8);
        let levels = [20, 18, 4, 0];
        assert_eq!(
            Cell::codes(place, levels),
            levels.map(|level| Cell::of(place, level).code())
        );
    }

    #[test]
    fn a_circle_is_a_few_cells_with_little_around_it() {
        for (origin, radius, level) in [
            (at(16.4, 48.2), 260.0, 14),
            (at(-180.0, 0.0), 66_000.0, 6),
            (at(5.0, 90.0), 266_000.0, 4),
        ] {
            let cells = covering(&[origin], radius, level);
            assert!((1..=8).contains(&cells.len()), "{}", cells.len());
        }
    }
}
