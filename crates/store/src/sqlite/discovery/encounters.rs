use chrono::NaiveDate;
use kairos_domain::discovery::DayPosition;
use kairos_domain::id::JourneyId;
use kairos_domain::store::{EncounterMatch, EncounterSearch};
use rusqlite::Connection;

use crate::effort::Effort;
use crate::itinerary::{EncounterScan, Step};
use crate::sqlite::connections::Patience;
use crate::sqlite::error::Fault;
use crate::sqlite::{itinerary, journeys, rows, users};

/// Selects the journeys in a cell on a day. The index covers this query.
const IN_A_CELL: &str = "
    SELECT journey_id, longitude, latitude, elevation
    FROM itinerary_days INDEXED BY itinerary_days_by_day_cell
    WHERE day_cell = ?";

pub(super) fn search(
    db: &Connection,
    search: &EncounterSearch,
    limit: u32,
    patience: &Patience,
    effort: Effort,
) -> Result<Vec<EncounterMatch>, Fault> {
    let in_future = itinerary::journeys_in_future(db, search.today)?;
    let mine = if in_future.contains(&search.journey_id) {
        itinerary::days_as_of(db, search.today, search.journey_id)?
    } else if journeys::find(db, search.journey_id)?.is_some() {
        let whole = search.from..=search.to.unwrap_or(NaiveDate::MAX);
        itinerary::days_of(db, search.journey_id, &whole)?
    } else {
        Vec::new()
    };
    let mut scan = EncounterScan::new(search, mine, limit, effort);
    scan.take_out(in_future.iter().copied());
    for id in in_future.into_iter().filter(|id| *id != search.journey_id) {
        patience.check()?;
        let days = itinerary::days_as_of(db, search.today, id)?;
        verify(db, &mut scan, id, days)?;
    }
    let mut in_a_cell = db.prepare_cached(IN_A_CELL)?;
    loop {
        patience.check()?;
        match scan.next()? {
            Step::Read(days) => {
                for (date, cells) in days {
                    patience.check()?;
                    for cell in cells {
                        let mut rows = in_a_cell.query([cell])?;
                        while let Some(row) = rows.next()? {
                            // The search skips a row without a position; `kairos check` reports it.
                            if let Some(position) = itinerary::position(row, 1)? {
                                let journey_id = JourneyId(rows::id(row, 0)?);
                                scan.offer(journey_id, DayPosition { date, position })?;
                            }
                        }
                    }
                }
            }
            Step::Verify(candidates) => {
                for candidate in candidates {
                    patience.check()?;
                    let days = itinerary::days_of(db, candidate.journey_id, &candidate.days)?;
                    verify(db, &mut scan, candidate.journey_id, days)?;
                }
            }
            Step::Done => return Ok(scan.into_matches()),
        }
    }
}

fn verify(
    db: &Connection,
    scan: &mut EncounterScan,
    journey_id: JourneyId,
    days: Vec<DayPosition>,
) -> Result<(), Fault> {
    if let Some(journey) = journeys::find(db, journey_id)?
        && let Some(rider) = users::find(db, journey.user_id)?
    {
        scan.verify(journey, rider, days);
    }
    Ok(())
}
