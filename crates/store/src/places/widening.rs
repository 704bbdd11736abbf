use kairos_domain::geo::{Distance, Position};
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::store::NearbySearch;

use super::Cell;
use super::nearest_markers::{NearestMarkers, Ranked};
use super::origins::Origins;
use super::reach::chord_of;

/// The levels of the cells that searches read, finest first: 49 m, 195 m, 780 m, … 800 km wide.
pub(crate) const SEARCH_LEVELS: [u32; 8] = [18, 16, 14, 12, 10, 8, 6, 4];

/// How much room markers have for themselves, as a guess from which a search begins: as if all there are lay on a million square
/// kilometres. A wrong guess costs time, nothing else.
const CROWDED_SQUARE_METRES: f64 = 1e12;

/// About how many squares of a radius the cells hold that are read around an origin.
const SQUARES_READ: f64 = 30.0;

/// The most that one step is wider than the one before.
const MOST_WIDENING: f64 = 8.0;

/// A search for the nearest journeys that reads ever wider circles around all origins at once, until one holds enough of them.
///
/// One search of 500 km would read every marker of half a continent to give the nearest fifty. This one begins where about enough markers
/// may be expected, and widens by what it has found so far. It is as exact: a circle holds everything that is as near as its
/// rim, so that nothing outside it comes before what is in it.
pub(crate) struct Widening {
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
    /// Prepares a search in a store that holds about so many markers.
    pub(crate) fn new(search: &NearbySearch, markers_in_store: u64) -> Self {
        let origins = search.origins.len() as f64;
        let limit = search.limit as usize;
        // Where there are many origins, their cells cost more than some markers too many.
        let enough = (2.0 * f64::from(search.limit)).max(origins);
        let markers = markers_in_store as f64 * origins * SQUARES_READ;
        let radius_metres = (enough * CROWDED_SQUARE_METRES / markers.max(1.0)).sqrt();
        Self {
            origins: Origins::new(&search.origins, search.radius_metres),
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
        let level = level_for(chord);
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
    pub(crate) fn offer(&mut self, journey_id: JourneyId, marker_id: MarkerId, position: Position) {
        if let Some(distance) = self.origins.distance_to(position) {
            self.nearest.offer(journey_id, distance, marker_id);
        }
    }

    /// The journeys within the circle that was read, nearest first, ties by id. What a wider circle holds comes after them.
    pub(crate) fn ranking(&self) -> Vec<Ranked> {
        self.nearest
            .ranked_within(Distance::from_metres(self.radius_metres))
    }
}

/// The level whose cells suit a circle: twice to eight times as wide as its radius, so that a circle is in a few of them.
fn level_for(chord: f64) -> u32 {
    let wide_enough = |level: &&u32| Cell::width(**level) >= 2.0 * chord;
    let widest = SEARCH_LEVELS.last().copied().unwrap_or_default();
    SEARCH_LEVELS.iter().find(wide_enough).copied().unwrap_or(widest)
}

/// Those of some cells in order that are not among others in order.
fn without(mut cells: Vec<Cell>, known: &[Cell]) -> Vec<Cell> {
    cells.retain(|cell| known.binary_search(cell).is_err());
    cells
}

#[cfg(test)]
mod tests;
