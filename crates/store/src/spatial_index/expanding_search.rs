use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::store::{Around, NearbySearch, StoreError};

use super::chord::chord_of;
use super::morton_cell::MortonCell;
use super::nearest_markers::{NearestMarkers, Ranked};
use super::origin_tree::OriginTree;
use crate::effort::Effort;

/// The levels of a store's index, and the number of cells that one step of a search reads. Small cells fit a
/// circle better, but a circle has more of them.
#[derive(Debug)]
pub(crate) struct Grid {
    /// The indexed levels, finest first.
    levels: &'static [u32],
    /// The approximate number of cells that a step reads.
    cells: f64,
}

impl Grid {
    /// The grid of an index of [finest cells](MortonCell::finest), in which a cell of any level is a range.
    pub(crate) const OF_RANGES: Self = Self {
        levels: &[20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4],
        cells: 300.0,
    };

    /// The grid of an index of [codes](MortonCell::code) at [`CODE_LEVELS`]. Finding a cell costs a fraction
    /// of reading a marker, so a step reads many cells.
    pub(crate) const OF_CODES: Self = Self {
        levels: &CODE_LEVELS,
        cells: 1_500.0,
    };

    /// Returns the finest level at which the circles around the origins have few enough cells.
    ///
    /// Each origin may have at least five cells.
    fn level_for(&self, chord: f64, origins: usize) -> u32 {
        let origins = origins as f64;
        let few_enough = |level: &&u32| {
            // A square around the circle, and a fifth more for cells that the sphere crosses at a slant.
            let cells = 1.2 * (1.0 + 2.0 * chord / MortonCell::width(**level)).powi(2);
            origins * cells <= self.cells.max(5.0 * origins)
        };
        let widest = self.levels.last().copied().unwrap_or_default();
        self.levels.iter().find(few_enough).copied().unwrap_or(widest)
    }
}

/// The levels in an index of codes. Their cells are 49 m, 195 m, 780 m, … 800 km wide.
pub(crate) const CODE_LEVELS: [u32; 8] = [18, 16, 14, 12, 10, 8, 6, 4];

/// Area assumed to hold all markers: a million square kilometres. It sets the first radius; a wrong guess
/// only costs time.
const CROWDED_SQUARE_METRES: f64 = 1e12;

/// The largest ratio between the radii of two steps.
const MOST_WIDENING: f64 = 8.0;

/// A search for the nearest journeys. It reads circles around all origins at once, and widens them until they
/// contain enough journeys.
///
/// Reading a circle of 500 km at once would read every marker of half a continent to find the nearest fifty
/// journeys. This search begins with the radius that should contain enough markers, and widens it by the
/// number of journeys found so far. It is exact: a circle is read completely, so every place outside is
/// farther away than every place inside.
pub(crate) struct ExpandingSearch {
    grid: &'static Grid,
    origins: OriginTree,
    max_radius_metres: f64,
    limit: usize,
    /// The radius that has been read, or the first one to read.
    radius_metres: f64,
    /// The cells of the last step, with their level.
    read: Option<(u32, Vec<MortonCell>)>,
    nearest: NearestMarkers,
    /// The journey whose markers are the origins.
    except: Option<JourneyId>,
    effort: Effort,
}

impl ExpandingSearch {
    /// Prepares a search around some origins in a store of about `markers_in_store` markers.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] if there are too many origins for the effort.
    pub(crate) fn new(
        origins: &[Position],
        search: &NearbySearch,
        grid: &'static Grid,
        markers_in_store: u64,
        mut effort: Effort,
    ) -> Result<Self, StoreError> {
        effort.spend(origins.len().saturating_mul(Effort::AN_ORIGIN))?;
        let origin_count = origins.len() as f64;
        let limit = search.limit as usize;
        // Aim for slightly more than the limit, since a second step costs as much as the first. Around many
        // origins, reading too many markers costs less than finding the cells.
        let first = (f64::from(search.limit) * 1.3).max(origin_count / 4.0);
        let markers_a_square_metre = markers_in_store as f64 / CROWDED_SQUARE_METRES;
        let circles = origin_count * markers_a_square_metre * std::f64::consts::PI;
        let radius_metres = (first / circles.max(f64::MIN_POSITIVE)).sqrt();
        Ok(Self {
            grid,
            origins: OriginTree::new(origins, search.radius_metres),
            max_radius_metres: search.radius_metres,
            limit,
            radius_metres: radius_metres.min(search.radius_metres),
            read: None,
            nearest: NearestMarkers::default(),
            except: match search.around {
                Around::Journey(id) => Some(id),
                Around::Point(_) => None,
            },
            effort,
        })
    }

    /// Returns the cells to read next, sorted.
    ///
    /// `found` is the number of journeys in the last circle that the search may show.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] if the effort is used up.
    pub(crate) fn widen(&mut self, found: usize) -> Result<Vec<MortonCell>, StoreError> {
        if self.read.is_some() {
            let missing = 1.5 * self.limit as f64 / (found as f64).max(f64::MIN_POSITIVE);
            let wider = self.radius_metres * missing.sqrt().clamp(1.5, MOST_WIDENING);
            self.radius_metres = wider.min(self.max_radius_metres);
        }
        let chord = chord_of(self.radius_metres);
        let level = self.grid.level_for(chord, self.origins.points().len());
        let cells = MortonCell::covering(self.origins.points(), chord, level);
        let read = self.read.replace((level, cells.clone()));
        let unread = match read {
            // The cells of the last step were read already.
            Some((same, known)) if same == level => without(cells, &known),
            _ => cells,
        };
        self.effort.spend(unread.len())?;
        Ok(unread)
    }

    /// Checks whether the widest circle has been read.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.read.is_some() && self.radius_metres >= self.max_radius_metres
    }

    /// Adds a marker that was read. Markers of the journey around which the search is count only as effort.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] if the effort is used up, or if the search needs too much memory.
    pub(crate) fn offer(
        &mut self,
        journey_id: JourneyId,
        marker_id: MarkerId,
        position: Position,
    ) -> Result<(), StoreError> {
        self.effort.spend(1)?;
        if self.except == Some(journey_id) {
            return Ok(());
        }
        match self.origins.distance_to(position) {
            Some(distance) => self.nearest.offer(journey_id, distance, marker_id, position),
            None => Ok(()),
        }
    }

    /// Counts journeys that are about to be read.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] if the effort is used up.
    pub(crate) fn spend_on_journeys(&mut self, journeys: usize) -> Result<(), StoreError> {
        self.effort.spend(journeys.saturating_mul(Effort::A_JOURNEY))
    }

    /// Returns the journeys within the circle that was read, nearest first, ties by id.
    ///
    /// Journeys of a wider circle come after them.
    pub(crate) fn ranking(&self) -> Vec<Ranked> {
        self.nearest.ranked_within(self.radius_metres)
    }
}

/// Removes cells that are among other, sorted cells.
fn without(mut cells: Vec<MortonCell>, known: &[MortonCell]) -> Vec<MortonCell> {
    cells.retain(|cell| known.binary_search(cell).is_err());
    cells
}

#[cfg(test)]
mod tests;
