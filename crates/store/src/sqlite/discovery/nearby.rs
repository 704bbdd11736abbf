use std::collections::HashMap;

use kairos_domain::geo::{InvalidPosition, Position};
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::journey::Journey;
use kairos_domain::store::{Around, NearbyMatch, NearbySearch, StoreError};
use rusqlite::{Connection, params};

use crate::effort::Effort;
use crate::spatial_index::{ExpandingSearch, Grid, MortonCell};
use crate::sqlite::connections::Patience;
use crate::sqlite::error::Fault;
use crate::sqlite::{journeys, rows};

/// Selects the markers in a range of cells. The index covers this query.
const MARKERS_IN_CELLS: &str = "
    SELECT journey_id, id, longitude, latitude
    FROM markers INDEXED BY markers_by_cell
    WHERE cell BETWEEN ? AND ?";

pub(super) fn search(
    db: &Connection,
    search: &NearbySearch,
    patience: &Patience,
    effort: Effort,
) -> Result<Vec<NearbyMatch>, Fault> {
    let origins = match search.around {
        Around::Point(origin) => vec![origin],
        Around::Journey(id) => places_of(db, id)?,
    };
    if origins.is_empty() {
        return Ok(Vec::new());
    }
    let markers = about_how_many_markers(db)?;
    let mut expanding = ExpandingSearch::new(&origins, search, &Grid::OF_RANGES, markers, effort)?;
    let mut found_before = LookedUp::default();
    let mut matches = Vec::new();
    let limit = search.limit as usize;
    let mut found = 0;
    while found < limit && !expanding.is_exhausted() {
        let cells = expanding.widen(found)?;
        read(db, &cells, patience, &mut expanding)?;
        let ranking = expanding.ranking();
        found = ranking.len();
        if found < limit && !expanding.is_exhausted() {
            continue;
        }
        matches.clear();
        for ranked in ranking {
            if matches.len() == limit {
                break;
            }
            patience.check()?;
            if let Some(journey) = found_before.look_up(db, ranked.journey_id, search, &mut expanding)? {
                matches.push(NearbyMatch {
                    journey: *journey,
                    marker_id: ranked.marker_id,
                    position: ranked.position,
                    distance: ranked.distance,
                });
            }
        }
        found = matches.len();
    }
    Ok(matches)
}

fn places_of(db: &Connection, journey_id: JourneyId) -> Result<Vec<Position>, Fault> {
    let mut query = db.prepare_cached(
        "SELECT id, longitude, latitude FROM markers
         WHERE journey_id = ?1 AND EXISTS (SELECT 1 FROM journeys WHERE id = ?1)",
    )?;
    rows::all(query.query([journey_id.0.bytes()])?, |row| {
        position(MarkerId(rows::id(row, 0)?), row.get(1)?, row.get(2)?)
    })
}

/// Returns about how many markers there are: the highest number, since numbers ascend. It sets the first
/// radius only.
fn about_how_many_markers(db: &Connection) -> Result<u64, Fault> {
    let mut most = db.prepare_cached("SELECT ifnull(max(number), 0) FROM markers")?;
    Ok(most.query_row([], |row| row.get(0))?)
}

fn read(
    db: &Connection,
    cells: &[MortonCell],
    patience: &Patience,
    expanding: &mut ExpandingSearch,
) -> Result<(), Fault> {
    let mut query = db.prepare_cached(MARKERS_IN_CELLS)?;
    for range in MortonCell::ranges(cells) {
        patience.check()?;
        let mut markers = query.query(params![range.start(), range.end()])?;
        while let Some(row) = markers.next()? {
            let journey_id = JourneyId(rows::id(row, 0)?);
            let id = MarkerId(rows::id(row, 1)?);
            expanding.offer(journey_id, id, position(id, row.get(2)?, row.get(3)?)?)?;
        }
    }
    Ok(())
}

fn position(marker: MarkerId, longitude: f64, latitude: f64) -> Result<Position, Fault> {
    let corrupt = |problem: InvalidPosition| StoreError::Corrupt {
        what: "marker",
        id: marker.to_string(),
        problem: problem.to_string(),
    };
    Ok(Position::new(longitude, latitude, None).map_err(corrupt)?)
}

/// The journeys that were read; `None` for those that the search may not show.
#[derive(Default)]
struct LookedUp(HashMap<JourneyId, Option<Box<Journey>>>);

impl LookedUp {
    fn look_up(
        &mut self,
        db: &Connection,
        id: JourneyId,
        search: &NearbySearch,
        expanding: &mut ExpandingSearch,
    ) -> Result<Option<Box<Journey>>, Fault> {
        if let Some(known) = self.0.get(&id) {
            return Ok(known.clone());
        }
        expanding.spend_on_journeys(1)?;
        let journey = journeys::find(db, id)?
            .filter(|journey| journey.may_be_found_by(search.except_owner, search.include_completed));
        let journey = journey.map(Box::new);
        self.0.insert(id, journey.clone());
        Ok(journey)
    }
}
