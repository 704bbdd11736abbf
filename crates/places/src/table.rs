//! The tables that the build has made.

use kairos_domain::geo::{Position, UnitVector};

use crate::Place;

static LIST: &str = include_str!("../towns.txt");
static ROWS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/towns"));
static BY_NAME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/towns_by_name"));

/// A row of the table of towns. Its numbers are little-endian.
///
/// Bytes of the list before the name, latitude and longitude in 1/1000 degree, population: four bytes each. Country,
/// and the bytes of the name: two bytes each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Town(&'static [u8; 20]);

impl Town {
    /// Returns all rows, arranged as a k-d tree of their unit vectors: see `arrange` in `build.rs`.
    pub(crate) fn all() -> &'static [[u8; 20]] {
        ROWS.as_chunks().0
    }

    /// Returns the town of a row.
    pub(crate) const fn of(row: &'static [u8; 20]) -> Self {
        Self(row)
    }

    /// Returns all towns, in order of their folded names.
    pub(crate) fn by_name() -> ByName {
        ByName(BY_NAME.as_chunks().0)
    }

    pub(crate) fn name(self) -> &'static str {
        let (start, length) = (self.number(0) as usize, self.number(16) as usize >> 16);
        LIST.get(start..start + length).unwrap_or_default()
    }

    pub(crate) fn population(self) -> u32 {
        self.number(12)
    }

    pub(crate) fn unit_vector(self) -> UnitVector {
        let (longitude, latitude) = self.degrees();
        UnitVector::at_degrees(longitude, latitude)
    }

    /// Returns the town for callers. `None` if the table were broken.
    pub(crate) fn place(self) -> Option<Place> {
        let (longitude, latitude) = self.degrees();
        Some(Place {
            name: self.name(),
            country: str::from_utf8(self.0.get(16..18)?).ok()?,
            position: Position::new(longitude, latitude, None).ok()?,
            population: self.population(),
        })
    }

    fn degrees(self) -> (f64, f64) {
        let degrees = |at| f64::from(self.number(at).cast_signed()) / 1000.0;
        (degrees(8), degrees(4))
    }

    fn number(self, at: usize) -> u32 {
        let bytes = self.0.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }
}

/// Towns in order of their folded names.
#[derive(Clone, Copy)]
pub(crate) struct ByName(&'static [[u8; 4]]);

impl ByName {
    /// Returns the towns before and from the first one for which `is_before` is false, by bisection.
    pub(crate) fn split(self, is_before: impl Fn(Town) -> bool) -> (Self, Self) {
        let count = self
            .0
            .partition_point(|index| town(*index).is_some_and(&is_before));
        let (before, from) = self.0.split_at(count);
        (Self(before), Self(from))
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Town> {
        self.0.iter().filter_map(|index| town(*index))
    }
}

fn town(index: [u8; 4]) -> Option<Town> {
    Town::all().get(u32::from_le_bytes(index) as usize).map(Town::of)
}
