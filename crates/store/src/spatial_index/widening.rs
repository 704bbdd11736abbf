use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::store::{NearbySearch, StoreError};

use super::Cell;
use super::nearest_markers::{NearestMarkers, Ranked};
use super::origins::Origins;
use super::reach::chord_of;

/// Which cells a store's index holds, and how many of them a search looks for. Smaller ones hold less around
/// a circle, and are more to look for.
#[derive(Debug)]
pub(crate) struct Grid {
    /// Their levels, finest first.
    levels: &'static [u32],
    /// About how many to look for at a time.
    cells: f64,
}

impl Grid {
    /// For an index of [finest cells](Cell::finest), in which a cell of any level is a range.
    pub(crate) const OF_RANGES: Self = Self {
        levels: &[20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4],
        cells: 300.0,
    };

    /// For an index of [codes](Cell::code) at [some levels](CODE_LEVELS), where a few cells are looked for
    /// while a marker is read.
    pub(crate) const OF_CODES: Self = Self {
        levels: &CODE_LEVELS,
        cells: 1_500.0,
    };

    /// The finest level of which so many circles are in few enough cells; an origin's own circle may always
    /// be in five.
    fn level_for(&self, chord: f64, origins: usize) -> u32 {
        let origins = origins as f64;
        let few_enough = |level: &&u32| {
            // A square around the circle, and a little more for cells that the sphere goes through at a
            // slant.
            let cells = 1.2 * (1.0 + 2.0 * chord / Cell::width(**level)).powi(2);
            origins * cells <= self.cells.max(5.0 * origins)
        };
        let widest = self.levels.last().copied().unwrap_or_default();
        self.levels.iter().find(few_enough).copied().unwrap_or(widest)
    }
}

/// The levels of which an index of codes holds a cell for each place: 49 m, 195 m, 780 m, … 800 km wide.
pub(crate) const CODE_LEVELS: [u32; 8] = [18, 16, 14, 12, 10, 8, 6, 4];

/// How much room markers have for themselves, as a guess from which a search begins: as if all there are lay
/// on a million square kilometres. A wrong guess costs time, nothing else.
const CROWDED_SQUARE_METRES: f64 = 1e12;

/// The most that one step is wider than the one before.
const MOST_WIDENING: f64 = 8.0;

/// A search for the nearest journeys that reads ever wider circles around all origins at once, until one
/// holds enough of them.
///
/// One search of 500 km would read every marker of half a continent to give the nearest fifty. This one
/// begins where about enough markers may be expected, and widens by what it has found so far. It is as exact:
/// a circle holds everything that is as near as its rim, so that nothing outside it comes before what is in
/// it.
pub(crate) struct Widening {
    grid: &'static Grid,
    origins: Origins,
    max_radius_metres: f64,
    limit: usize,
    /// How far everything has been read; at first, how far to read first.
    radius_metres: f64,
    /// The cells that were read last.
    read: Option<(u32, Vec<Cell>)>,
    nearest: NearestMarkers,
}

impl Widening {
    /// Prepares a search around some origins, in a store that holds about so many markers.
    pub(crate) fn new(
        origins: &[Position],
        search: &NearbySearch,
        grid: &'static Grid,
        markers_in_store: u64,
    ) -> Self {
        let origin_count = origins.len() as f64;
        let limit = search.limit as usize;
        // A little more than is asked for, since a second step costs as much as the first. Around many
        // origins some markers too many cost less than the cells.
        let first = (f64::from(search.limit) * 1.3).max(origin_count / 4.0);
        let markers_a_square_metre = markers_in_store as f64 / CROWDED_SQUARE_METRES;
        let circles = origin_count * markers_a_square_metre * std::f64::consts::PI;
        let radius_metres = (first / circles.max(f64::MIN_POSITIVE)).sqrt();
        Self {
            grid,
            origins: Origins::new(origins, search.radius_metres),
            max_radius_metres: search.radius_metres,
            limit,
            radius_metres: radius_metres.min(search.radius_metres),
            read: None,
            nearest: NearestMarkers::default(),
        }
    }

    /// Which cells to read next, in order; `found` is how many journeys to show were within the last circle.
    pub(crate) fn widen(&mut self, found: usize) -> Vec<Cell> {
        if self.read.is_some() {
            let missing = 1.5 * self.limit as f64 / (found as f64).max(f64::MIN_POSITIVE);
            let wider = self.radius_metres * missing.sqrt().clamp(1.5, MOST_WIDENING);
            self.radius_metres = wider.min(self.max_radius_metres);
        }
        let chord = chord_of(self.radius_metres);
        let level = self.grid.level_for(chord, self.origins.points().len());
        let cells = Cell::covering(self.origins.points(), chord, level);
        let read = self.read.replace((level, cells.clone()));
        match read {
            // What was read is known.
            Some((same, known)) if same == level => without(cells, &known),
            _ => cells,
        }
    }

    /// Whether the widest circle has been read.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.read.is_some() && self.radius_metres >= self.max_radius_metres
    }

    /// Takes a marker into account that was read.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] when that would take too much memory.
    pub(crate) fn offer(
        &mut self,
        journey_id: JourneyId,
        marker_id: MarkerId,
        position: Position,
    ) -> Result<(), StoreError> {
        match self.origins.distance_to(position) {
            Some(distance) => self.nearest.offer(journey_id, distance, marker_id, position),
            None => Ok(()),
        }
    }

    /// The journeys within the circle that was read, nearest first, ties by id. What a wider circle holds
    /// comes after them.
    pub(crate) fn ranking(&self) -> Vec<Ranked> {
        self.nearest.ranked_within(self.radius_metres)
    }
}

/// Those of some cells in order that are not among others in order.
fn without(mut cells: Vec<Cell>, known: &[Cell]) -> Vec<Cell> {
    cells.retain(|cell| known.binary_search(cell).is_err());
    cells
}

#[cfg(test)]
mod tests;
