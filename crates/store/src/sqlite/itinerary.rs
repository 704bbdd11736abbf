//! Itineraries, stored as a row for each day.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use kairos_domain::discovery::{DatedMarker, DayPosition, Itinerary};
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MarkerId};
use rusqlite::{Connection, Row, Transaction, params};

use super::error::Fault;
use super::rows;
use crate::itinerary::{day_cell, is_same_place};

/// The markers of a journey that have changed.
#[derive(Debug, Clone)]
pub(super) enum Changed {
    /// These markers, with their state before; `None` if a marker was undated or absent.
    Markers(BTreeMap<MarkerId, Option<DatedMarker>>),
    /// Any markers.
    Any,
}

/// Updates a journey's itinerary after a change of its markers. Every writer of markers calls this function
/// in its transaction.
pub(super) fn follow(db: &Transaction<'_>, journey_id: JourneyId, changed: Changed) -> Result<(), Fault> {
    let now = dated_markers(db, journey_id)?;
    match changed {
        Changed::Any => {
            let itinerary = Itinerary::from_markers(&now);
            keep(
                db,
                journey_id,
                &(NaiveDate::MIN..=NaiveDate::MAX),
                itinerary.days(),
            )
        }
        Changed::Markers(changed) => {
            let others = now.iter().filter(|marker| !changed.contains_key(&marker.id));
            let before = changed.values().flatten().chain(others).copied();
            let before: Vec<_> = before.collect();
            match Itinerary::changed_part(&before, &now) {
                Some(part) => keep(db, journey_id, &(part.first..=part.last), &part.days),
                None => Ok(()),
            }
        }
    }
}

/// A stored day: its number in the index, and the position.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Kept {
    day_cell: i64,
    position: Position,
}

/// Replaces the stored days of a part of an itinerary. Writes only the differences.
fn keep(
    db: &Transaction<'_>,
    journey_id: JourneyId,
    part: &RangeInclusive<NaiveDate>,
    days: &[DayPosition],
) -> Result<(), Fault> {
    let mut kept = kept_days(db, journey_id, part)?;
    let mut put = db.prepare_cached(
        "INSERT INTO itinerary_days (journey_id, day, day_cell, longitude, latitude, elevation) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET day_cell = excluded.day_cell, longitude = excluded.longitude,
             latitude = excluded.latitude, elevation = excluded.elevation",
    )?;
    for day in days {
        let (number, position) = (rows::day(day.date), day.position);
        let there = Kept {
            day_cell: day_cell(*day),
            position,
        };
        if kept.remove(&number) != Some(there) {
            put.execute(params![
                journey_id.0.bytes(),
                number,
                there.day_cell,
                position.longitude(),
                position.latitude(),
                position.elevation(),
            ])?;
        }
    }
    let mut delete = db.prepare_cached("DELETE FROM itinerary_days WHERE journey_id = ? AND day = ?")?;
    for number in kept.keys() {
        delete.execute(params![journey_id.0.bytes(), number])?;
    }
    Ok(())
}

/// Returns the journeys whose stored itinerary differs from their markers.
pub(super) fn wrong_journeys(db: &Connection) -> Result<Vec<JourneyId>, Fault> {
    let mut query = db.prepare("SELECT id FROM journeys")?;
    let ids = rows::all(query.query([])?, |row| rows::id(row, 0).map(JourneyId))?;
    let mut wrong = Vec::new();
    for id in ids {
        if !is_right(db, id)? {
            wrong.push(id);
        }
    }
    Ok(wrong)
}

fn is_right(db: &Connection, journey_id: JourneyId) -> Result<bool, Fault> {
    let itinerary = Itinerary::from_markers(&dated_markers(db, journey_id)?);
    let kept = kept_days(db, journey_id, &(NaiveDate::MIN..=NaiveDate::MAX))?;
    let is_as_said = |day: &DayPosition| {
        kept.get(&rows::day(day.date)).is_some_and(|there| {
            let kept = DayPosition {
                date: day.date,
                position: there.position,
            };
            there.day_cell == day_cell(kept)
                && is_same_place(kept.position, day.position)
                && kept.position.elevation() == day.position.elevation()
        })
    };
    Ok(kept.len() == itinerary.days().len() && itinerary.days().iter().all(is_as_said))
}

/// Returns the journeys that have a past marker of a day later than tomorrow.
///
/// Their stored itineraries include such a marker, so that the stored days do not depend on the time.
pub(super) fn journeys_in_future(db: &Connection, today: NaiveDate) -> Result<Vec<JourneyId>, Fault> {
    let mut query = db.prepare_cached(
        "SELECT DISTINCT journey_id FROM markers INDEXED BY past_markers_by_day WHERE kind = 0 AND timestamp > ?",
    )?;
    let tomorrow = rows::day(today) + 1;
    rows::all(query.query([tomorrow])?, |row| rows::id(row, 0).map(JourneyId))
}

/// Returns the days of a journey's itinerary as of a day.
pub(super) fn days_as_of(
    db: &Connection,
    today: NaiveDate,
    journey_id: JourneyId,
) -> Result<Vec<DayPosition>, Fault> {
    let itinerary = Itinerary::as_of(today, &dated_markers(db, journey_id)?);
    Ok(itinerary.days().to_vec())
}

/// Reads a journey's dated markers from the index in riding order.
pub(super) fn dated_markers(db: &Connection, journey_id: JourneyId) -> Result<Vec<DatedMarker>, Fault> {
    let mut query = db.prepare_cached(concat!(
        "SELECT ",
        rows::marker_place_columns!(),
        " FROM markers INDEXED BY markers_in_riding_order
         WHERE journey_id = ? AND kind IN (0, 1) AND riding_day < 9223372036854775807"
    ))?;
    rows::all(query.query([journey_id.0.bytes()])?, rows::dated_marker)
}

/// Returns the days of a part of a journey's itinerary, in order.
pub(super) fn days_of(
    db: &Connection,
    journey_id: JourneyId,
    part: &RangeInclusive<NaiveDate>,
) -> Result<Vec<DayPosition>, Fault> {
    let kept = kept_days(db, journey_id, part)?;
    let day = |(number, kept): (i64, Kept)| {
        let date = NaiveDate::from_num_days_from_ce_opt(i32::try_from(number).ok()?)?;
        Some(DayPosition {
            date,
            position: kept.position,
        })
    };
    Ok(kept.into_iter().filter_map(day).collect())
}

fn kept_days(
    db: &Connection,
    journey_id: JourneyId,
    part: &RangeInclusive<NaiveDate>,
) -> Result<BTreeMap<i64, Kept>, Fault> {
    let mut query = db.prepare_cached(
        "SELECT day, longitude, latitude, elevation, day_cell FROM itinerary_days
         WHERE journey_id = ? AND day BETWEEN ? AND ?",
    )?;
    let (first, last) = (rows::day(*part.start()), rows::day(*part.end()));
    let mut rows = query.query(params![journey_id.0.bytes(), first, last])?;
    let mut days = BTreeMap::new();
    while let Some(row) = rows.next()? {
        if let Some(position) = position(row, 1)? {
            let day_cell = row.get(4)?;
            days.insert(row.get(0)?, Kept { day_cell, position });
        }
    }
    Ok(days)
}

/// Reads a position from three columns; `None` if it is invalid, so that a repair writes it again.
pub(super) fn position(row: &Row<'_>, column: usize) -> Result<Option<Position>, Fault> {
    let position = Position::new(row.get(column)?, row.get(column + 1)?, row.get(column + 2)?);
    Ok(position.ok())
}
