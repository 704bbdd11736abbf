//! A position as a number that a B-tree can search.
//!
//! The cube around the unit sphere is divided into eight parts, and each part again, up to
//! [`MortonCell::FINEST`] times. A cell is the path to such a part, with three bits a level (G. M. Morton, "A
//! Computer Oriented Geodetic Data Base", 1966). All positions in a part share the beginning of their paths,
//! so a part is a range of finest cells. Points in space need no special case for the antimeridian or the
//! poles, and neither do cells. Cells only find candidates; distances decide.

use std::ops::RangeInclusive;

use kairos_domain::geo::{Position, UnitVector};

/// Generous bound for the rounding error of a cell's borders, in radii of the sphere.
const ROUNDING: f64 = 1e-15;

/// A part of the cube around the unit sphere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MortonCell {
    /// The number of divisions of the cube.
    level: u32,
    /// Three bits a level, the coarsest level first.
    path: u64,
}

impl MortonCell {
    /// The level of the smallest cells. They are six metres wide, and their paths have 63 bits.
    pub(crate) const FINEST: u32 = 21;

    /// Returns the cell of a level that contains a place.
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

    /// Returns the width of a level's cells, in radii of the sphere.
    pub(crate) fn width(level: u32) -> f64 {
        2.0 / (1_u64 << level) as f64
    }

    /// Returns the cells of a level that contain all places within a chord of any of these points, sorted.
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

    /// Returns the cell as one number that differs between levels: a one, then the path. Cells of the
    /// [finest](Self::FINEST) level have no code.
    pub(crate) fn code(self) -> i64 {
        ((1 << (3 * self.level)) | self.path).cast_signed()
    }

    /// Returns the codes of the cells that contain a place, one for each of several levels.
    pub(crate) fn codes<const N: usize>(position: Position, levels: [u32; N]) -> [i64; N] {
        let finest = Self::of(position, Self::FINEST);
        levels.map(|level| finest.parent(level).code())
    }

    /// Returns the cell of a coarser level that contains this cell.
    fn parent(self, level: u32) -> Self {
        Self {
            level,
            path: self.path >> (3 * (self.level - level)),
        }
    }

    pub(crate) fn path(self) -> i64 {
        self.path.cast_signed()
    }

    /// Returns the paths of the finest cells inside this cell.
    pub(crate) fn finest(self) -> RangeInclusive<i64> {
        let below = 3 * (Self::FINEST - self.level);
        let first = self.path << below;
        let last = first | ((1 << below) - 1);
        first.cast_signed()..=last.cast_signed()
    }

    /// Merges the [finest](Self::finest) cells of sorted cells into as few ranges as possible.
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

/// Converts a coordinate of -1 to 1 to widths of a level's cells. The result is monotonic, so a place between
/// two coordinates lies between their steps.
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

/// A cell's extent along one axis.
struct Side {
    from: f64,
    to: f64,
}

impl Side {
    fn of(step: u64, level: u32) -> Self {
        let width = MortonCell::width(level);
        let from = step as f64 * width - 1.0;
        Self {
            from: from - ROUNDING,
            to: from + width + ROUNDING,
        }
    }
}

/// Checks whether the surface of the unit sphere intersects a cell.
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

/// Checks whether any point of a cell is within a chord of a point.
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

    fn covering(origins: &[Position], radius_metres: f64, level: u32) -> Vec<MortonCell> {
        let points: Vec<_> = origins.iter().map(|origin| origin.unit_vector()).collect();
        MortonCell::covering(&points, chord_of(radius_metres), level)
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
            let ranges = MortonCell::ranges(&cells);
            prop_assert!(ranges.windows(2).all(|pair| *pair[0].end() + 1 < *pair[1].start()));
            for place in places.iter().chain(&origins) {
                let nearest = origins.iter().map(|origin| distance(*origin, *place)).min().unwrap();
                let cell = MortonCell::of(*place, level);
                if nearest <= Distance::from_metres(radius) {
                    prop_assert!(cells.contains(&cell));
                }
                let finest = *MortonCell::of(*place, MortonCell::FINEST).finest().start();
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
        let codes: std::collections::HashSet<_> = (0..MortonCell::FINEST)
            .map(|level| MortonCell::of(place, level).code())
            .collect();
        assert_eq!(codes.len(), MortonCell::FINEST as usize);
        assert!(codes.iter().all(|code| *code > 0));
    }

    #[test]
    fn a_coarser_cell_of_a_place_is_the_beginning_of_its_finer_ones() {
        let place = at(-123.4, -67.8);
        let levels = [20, 18, 4, 0];
        assert_eq!(
            MortonCell::codes(place, levels),
            levels.map(|level| MortonCell::of(place, level).code())
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
