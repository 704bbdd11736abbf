//! Tracks, kept by the day beside the markers that they follow from.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};
use kairos_domain::discovery::{DatedMarker, DayPosition, Track};
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MarkerId, ObjectId};
use kairos_domain::store::StoreError;
use rusqlite::{Connection, Transaction, params};

use super::error::Fault;
use super::{SqliteStore, rows};
use crate::tracks::{day_cell, is_same_place};

/// How many journeys are brought up to date in one transaction; meanwhile no other one writes.
const JOURNEYS_A_TRANSACTION: u32 = 20;

/// Where a journey is on a day, as it is kept: the cell that this is found by, and the place, without an elevation, which nobody searches.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Kept {
    day_cell: i64,
    position: Position,
}

impl SqliteStore {
    /// Brings up to date the tracks of all journeys that lack theirs.
    pub(super) async fn renew_missing_tracks(&self) -> Result<u64, StoreError> {
        let mut renewed = 0;
        loop {
            let batch = self.connections.write(|db| {
                let ids = without_track(db, JOURNEYS_A_TRANSACTION)?;
                ids.iter().try_for_each(|id| renew(db, *id))?;
                Ok(ids.len())
            });
            match batch.await? {
                0 => return Ok(renewed),
                some => renewed += some as u64,
            }
        }
    }
}

/// Some of the journeys that lack their tracks.
pub(super) fn without_track(db: &Connection, limit: u32) -> Result<Vec<JourneyId>, Fault> {
    let mut query = db.prepare_cached("SELECT id FROM journeys WHERE NOT has_track LIMIT ?")?;
    rows::all(query.query([limit])?, |row| {
        Ok(JourneyId(ObjectId::from_bytes(row.get(0)?)))
    })
}

/// Notes that a journey's markers have come without its track.
pub(super) fn forget(db: &Transaction<'_>, journey_id: JourneyId) -> Result<(), Fault> {
    db.prepare_cached("UPDATE journeys SET has_track = 0 WHERE id = ? AND has_track")?
        .execute([journey_id.0.bytes()])?;
    Ok(())
}

/// Draws a journey's whole track.
fn renew(db: &Transaction<'_>, journey_id: JourneyId) -> Result<(), Fault> {
    let track = Track::from_markers(&dated_markers(db, journey_id)?);
    keep(db, journey_id, &(NaiveDate::MIN..=NaiveDate::MAX), track.days())?;
    db.prepare_cached("UPDATE journeys SET has_track = 1 WHERE id = ? AND NOT has_track")?
        .execute([journey_id.0.bytes()])?;
    Ok(())
}

/// Lets a journey's track follow the change of a marker, of which is said what it told before.
pub(super) fn follow(
    db: &Transaction<'_>,
    journey_id: JourneyId,
    changed: MarkerId,
    before: Option<DatedMarker>,
) -> Result<(), Fault> {
    let mut has_track = db.prepare_cached("SELECT has_track FROM journeys WHERE id = ?")?;
    if !has_track.query_row([journey_id.0.bytes()], |row| row.get(0))? {
        return renew(db, journey_id);
    }
    let now = dated_markers(db, journey_id)?;
    let others = now.iter().filter(|marker| marker.id != changed).copied();
    match Track::redrawn(&others.chain(before).collect::<Vec<_>>(), &now) {
        Some(part) => keep(db, journey_id, &(part.first..=part.last), &part.days),
        None => Ok(()),
    }
}

/// Puts days in the place of those that are kept of a part of a track. Only those that are new are written.
fn keep(
    db: &Transaction<'_>,
    journey_id: JourneyId,
    part: &RangeInclusive<NaiveDate>,
    days: &[DayPosition],
) -> Result<(), Fault> {
    let mut kept = kept_days(db, journey_id, part)?;
    let mut put = db.prepare_cached(
        "INSERT INTO track_days (journey_id, day, day_cell, longitude, latitude) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET
             day_cell = excluded.day_cell, longitude = excluded.longitude, latitude = excluded.latitude",
    )?;
    for day in days {
        let (number, there) = (number_of(day.date), Kept::of(*day));
        if kept.remove(&number) != Some(there) {
            put.execute(params![
                journey_id.0.bytes(),
                number,
                there.day_cell,
                there.position.longitude(),
                there.position.latitude(),
            ])?;
        }
    }
    let mut delete = db.prepare_cached("DELETE FROM track_days WHERE journey_id = ? AND day = ?")?;
    for number in kept.keys() {
        delete.execute(params![journey_id.0.bytes(), number])?;
    }
    Ok(())
}

/// Whether what is kept of a journey's track is what its markers say.
pub(super) fn is_in_step(db: &Connection, journey_id: JourneyId) -> Result<bool, Fault> {
    let track = Track::from_markers(&dated_markers(db, journey_id)?);
    let kept = kept_days(db, journey_id, &(NaiveDate::MIN..=NaiveDate::MAX))?;
    let is_as_said = |day: &DayPosition| {
        kept.get(&number_of(day.date)).is_some_and(|there| {
            let kept = DayPosition {
                date: day.date,
                position: there.position,
            };
            there.day_cell == day_cell(kept) && is_same_place(kept.position, day.position)
        })
    };
    Ok(kept.len() == track.days().len() && track.days().iter().all(is_as_said))
}

/// A journey's dated markers.
pub(super) fn dated_markers(db: &Connection, journey_id: JourneyId) -> Result<Vec<DatedMarker>, Fault> {
    let mut query = db.prepare_cached(
        "SELECT id, created_at, kind, riding_day, longitude, latitude, elevation FROM markers
         WHERE journey_id = ? AND kind IN ('past', 'plan') AND riding_day < 'undated'",
    )?;
    rows::all(query.query([journey_id.0.bytes()])?, rows::dated_marker)
}

fn kept_days(
    db: &Connection,
    journey_id: JourneyId,
    part: &RangeInclusive<NaiveDate>,
) -> Result<BTreeMap<i64, Kept>, Fault> {
    let mut query = db.prepare_cached(
        "SELECT day, day_cell, longitude, latitude FROM track_days WHERE journey_id = ? AND day BETWEEN ? AND ?",
    )?;
    let (first, last) = (number_of(*part.start()), number_of(*part.end()));
    let mut rows = query.query(params![journey_id.0.bytes(), first, last])?;
    let mut days = BTreeMap::new();
    while let Some(row) = rows.next()? {
        // What is no position is as good as not there, and is written anew.
        if let Ok(position) = Position::new(row.get(2)?, row.get(3)?, None) {
            let day_cell = row.get(1)?;
            days.insert(row.get(0)?, Kept { day_cell, position });
        }
    }
    Ok(days)
}

impl Kept {
    fn of(day: DayPosition) -> Self {
        let place = day.position;
        let flat = Position::new(place.longitude(), place.latitude(), None);
        Self {
            day_cell: day_cell(day),
            position: flat.unwrap_or(place),
        }
    }
}

fn number_of(date: NaiveDate) -> i64 {
    date.num_days_from_ce().into()
}
