//! Schedules, one row for each journey that has one.

use chrono::Datelike as _;
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::schedule::Schedule;
use kairos_domain::store::{OfJourney, WriteError};
use rusqlite::{Connection, Row, Transaction, params};

use super::error::Fault;
use super::rows::{self, Columns};

/// Returns a journey's schedule, for a reader.
pub(super) fn find(
    db: &Connection,
    journey_id: JourneyId,
    reader: UserId,
) -> Result<OfJourney<Schedule>, Fault> {
    let mut query = db.prepare_cached(
        "SELECT id, start_date, metres_per_day, rest_dates, rest_weekdays
         FROM journeys LEFT JOIN schedules ON journey_id = id
         WHERE id = ? AND (visibility = 'public' OR user_id = ?)",
    )?;
    let rows = query.query([journey_id.0.bytes(), reader.0.bytes()])?;
    Ok(match rows::first(rows, schedule)? {
        None => OfJourney::NoJourney,
        Some(None) => OfJourney::Absent,
        Some(Some(schedule)) => OfJourney::Present(schedule),
    })
}

/// Returns the schedule of a journey, whoever may see it.
pub(super) fn of_journey(db: &Connection, journey_id: JourneyId) -> Result<Option<Schedule>, Fault> {
    let mut query = db.prepare_cached(
        "SELECT journey_id, start_date, metres_per_day, rest_dates, rest_weekdays
         FROM schedules JOIN journeys ON id = journey_id WHERE journey_id = ?",
    )?;
    let found = rows::first(query.query([journey_id.0.bytes()])?, schedule)?;
    Ok(found.flatten())
}

fn schedule(row: &Row<'_>) -> Result<Option<Schedule>, Fault> {
    let row = Columns::of("schedule", row)?;
    let Some(start_date) = row.get::<Option<i64>>(1)? else {
        return Ok(None);
    };
    let rest_dates = row.get::<Vec<u8>>(3)?;
    let rest_dates = rest_dates.as_chunks().0.iter();
    let rest_dates = rest_dates.map(|number| row.date(i32::from_be_bytes(*number).into()));
    let schedule = Schedule::new(
        row.date(start_date)?,
        row.get(2)?,
        rest_dates.collect::<Result<_, Fault>>()?,
        row.get(4)?,
    );
    schedule.map(Some).map_err(|problem| row.corrupt(problem))
}

/// Checks that the stored schedule still equals the one that the caller saw.
pub(super) fn check(db: &Connection, journey_id: JourneyId, before: Option<&Schedule>) -> Result<(), Fault> {
    if of_journey(db, journey_id)?.as_ref() == before {
        Ok(())
    } else {
        Err(WriteError::Changed.into())
    }
}

/// Writes or removes a schedule.
pub(super) fn change(
    db: &Transaction<'_>,
    journey_id: JourneyId,
    after: Option<&Schedule>,
) -> Result<(), Fault> {
    let Some(schedule) = after else {
        db.prepare_cached("DELETE FROM schedules WHERE journey_id = ?")?
            .execute([journey_id.0.bytes()])?;
        return Ok(());
    };
    let rest_dates = schedule.rest_dates().iter();
    let rest_dates = rest_dates.flat_map(|date| date.num_days_from_ce().to_be_bytes());
    db.prepare_cached(
        "INSERT OR REPLACE INTO schedules (journey_id, start_date, metres_per_day, rest_dates, rest_weekdays)
         VALUES (?, ?, ?, ?, ?)",
    )?
    .execute(params![
        journey_id.0.bytes(),
        rows::day(schedule.start_date()),
        schedule.metres_per_day(),
        rest_dates.collect::<Vec<_>>(),
        schedule.rest_weekdays(),
    ])?;
    Ok(())
}
