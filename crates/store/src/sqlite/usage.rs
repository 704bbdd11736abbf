//! The usage of riders and journeys, the rate of writes, and idempotency keys. Each act updates them in its
//! transaction.

use chrono::{DateTime, TimeDelta, Utc};
use kairos_domain::id::{JourneyId, ObjectId, UserId};
use kairos_domain::store::{IdempotencyRecord, Write, WriteError};
use kairos_domain::usage::{JourneyUsage, RiderUsage, UsageChange, WriteRate};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::error::Fault;
use super::rows;

/// Stores the idempotency key of a write, if it has one.
pub(super) fn take_key(db: &Transaction<'_>, write: &Write) -> Result<(), Fault> {
    let Some(record) = &write.key else {
        return Ok(());
    };
    let rider = write.rider.0.bytes();
    let number: i64 = db
        .prepare_cached("UPDATE users SET keys_made = keys_made + 1 WHERE id = ? RETURNING keys_made")?
        .query_row([rider], |row| row.get(0))
        .optional()?
        .ok_or(WriteError::ParentGone)?;
    let ids: Vec<u8> = record.ids.iter().flat_map(|id| id.bytes()).collect();
    let taken = db
        .prepare_cached(
            "INSERT INTO idempotency_keys (user_id, key, number, request, status, ids, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (user_id, key) DO UPDATE SET
                 number = excluded.number, request = excluded.request, status = excluded.status, ids = excluded.ids,
                 created_at = excluded.created_at
             WHERE created_at <= ?",
        )?
        .execute(params![
            rider,
            record.key,
            number,
            record.request,
            record.status,
            ids,
            write.now.timestamp_millis(),
            oldest_kept(write.now),
        ])?;
    if taken == 0 {
        return Err(WriteError::KeyTaken.into());
    }
    db.prepare_cached("DELETE FROM idempotency_keys WHERE user_id = ? AND number <= ? - ?")?
        .execute(params![rider, number, IdempotencyRecord::MAX_PER_RIDER])?;
    Ok(())
}

/// Returns the time up to which keys have expired.
pub(super) fn oldest_kept(now: DateTime<Utc>) -> i64 {
    (now - TimeDelta::hours(IdempotencyRecord::HOURS)).timestamp_millis()
}

pub(super) fn record(
    db: &Connection,
    rider: UserId,
    key: String,
    now: DateTime<Utc>,
) -> Result<Option<IdempotencyRecord>, Fault> {
    let found: Option<([u8; 32], u16, Vec<u8>)> = db
        .prepare_cached(
            "SELECT request, status, ids FROM idempotency_keys WHERE user_id = ? AND key = ? AND created_at > ?",
        )?
        .query_row(params![rider.0.bytes(), key, oldest_kept(now)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(found.map(|(request, status, ids)| IdempotencyRecord {
        key,
        request,
        status,
        ids: ids
            .as_chunks()
            .0
            .iter()
            .map(|id| ObjectId::from_bytes(*id))
            .collect(),
    }))
}

/// Adds a write to the usage of a journey and of the rider. [`WriteError::ParentGone`] if one of them is
/// gone.
pub(super) fn count_in_journey(
    db: &Transaction<'_>,
    write: &Write,
    journey_id: JourneyId,
    change: UsageChange,
) -> Result<(), Fault> {
    hold(db, journey_id, change)?;
    count(db, write, change)
}

/// Adds a write to the usage of the rider.
pub(super) fn count(db: &Transaction<'_>, write: &Write, change: UsageChange) -> Result<(), Fault> {
    if !write.is_limited && change == UsageChange::default() {
        return Ok(());
    }
    let rider = write.rider.0.bytes();
    let stored = db
        .prepare_cached(
            "SELECT journeys_held, bytes_held, write_minute, writes, writes_before, is_verified FROM users WHERE id = ?",
        )?
        .query_row([rider], |row| {
            let usage = RiderUsage {
                journeys: row.get(0)?,
                bytes: row.get(1)?,
                writes: WriteRate {
                    minute: row.get(2)?,
                    writes: row.get(3)?,
                    writes_before: row.get(4)?,
                },
            };
            Ok((usage, row.get(5)?))
        })
        .optional()?;
    let (usage, is_verified) = stored.ok_or(WriteError::ParentGone)?;
    let mut after = usage.after(change, is_verified).map_err(WriteError::Full)?;
    if write.is_limited {
        after.writes = usage.writes.admit(write.now).map_err(WriteError::TooManyWrites)?;
    }
    db.prepare_cached(
        "UPDATE users SET journeys_held = ?, bytes_held = ?, write_minute = ?, writes = ?, writes_before = ? WHERE id = ?",
    )?
    .execute(params![
        after.journeys,
        after.bytes,
        after.writes.minute,
        after.writes.writes,
        after.writes.writes_before,
        rider,
    ])?;
    Ok(())
}

/// The bytes of a journey's lines.
macro_rules! line_bytes {
    ($journey_id:literal) => {
        concat!(
            "(SELECT ifnull(sum(lines.bytes), 0) FROM lines WHERE lines.journey_id = ",
            $journey_id,
            ")"
        )
    };
}

/// Returns the bytes that a journey holds: texts and lines.
pub(super) fn bytes_held(db: &Connection, journey_id: JourneyId) -> Result<i64, Fault> {
    let mut query = db.prepare_cached(concat!(
        "SELECT bytes_held + ",
        line_bytes!("id"),
        " FROM journeys WHERE id = ?"
    ))?;
    Ok(query.query_row([journey_id.0.bytes()], |row| row.get(0))?)
}

fn hold(db: &Transaction<'_>, journey_id: JourneyId, change: UsageChange) -> Result<(), Fault> {
    let id = journey_id.0.bytes();
    let usage = db
        .prepare_cached(concat!(
            "SELECT markers_held, bytes_held, ",
            line_bytes!("id"),
            " FROM journeys WHERE id = ?"
        ))?
        .query_row([id], |row| {
            Ok(JourneyUsage {
                markers: row.get(0)?,
                bytes: row.get(1)?,
                line_bytes: row.get(2)?,
            })
        })
        .optional()?
        .ok_or(WriteError::ParentGone)?;
    let after = usage.after(change).map_err(WriteError::Full)?;
    if after != usage {
        db.prepare_cached("UPDATE journeys SET markers_held = ?, bytes_held = ? WHERE id = ?")?
            .execute(params![after.markers, after.bytes, id])?;
    }
    Ok(())
}

macro_rules! derive_journeys {
    () => {
        "UPDATE journeys SET
             markers_held = (SELECT count(*) FROM markers WHERE journey_id = journeys.id),
             bytes_held = octet_length(name) + octet_length(description)
                 + (SELECT ifnull(sum(octet_length(name) + octet_length(notes)), 0) FROM markers WHERE journey_id = journeys.id)"
    };
}

macro_rules! derive_riders {
    () => {
        concat!(
            "UPDATE users SET
                 journeys_held = (SELECT count(*) FROM journeys WHERE user_id = users.id),
                 bytes_held = (SELECT ifnull(sum(bytes_held + ",
            line_bytes!("journeys.id"),
            "), 0) FROM journeys WHERE user_id = users.id)"
        )
    };
}

/// Recounts the usage of a journey.
pub(super) fn derive_journey(db: &Transaction<'_>, id: JourneyId) -> Result<(), Fault> {
    db.prepare_cached(concat!(derive_journeys!(), " WHERE id = ?"))?
        .execute([id.0.bytes()])?;
    Ok(())
}

/// Recounts the usage of a rider. The usage of the rider's journeys must be right.
pub(super) fn derive_rider(db: &Transaction<'_>, id: UserId) -> Result<(), Fault> {
    db.prepare_cached(concat!(derive_riders!(), " WHERE id = ?"))?
        .execute([id.0.bytes()])?;
    Ok(())
}

/// Recounts the usage of all journeys and riders.
pub(super) fn derive_all(db: &Transaction<'_>) -> Result<(), Fault> {
    db.execute(derive_journeys!(), [])?;
    db.execute(derive_riders!(), [])?;
    Ok(())
}

/// The usage of each journey, counted from its rows.
macro_rules! held {
    () => {
        concat!(
            "WITH held AS MATERIALIZED (
                 SELECT journeys.id AS id, user_id, markers_held, bytes_held, count(number) AS markers,
                     octet_length(journeys.name) + octet_length(description)
                         + ifnull(sum(octet_length(markers.name) + octet_length(notes)), 0) AS bytes, ",
            line_bytes!("journeys.id"),
            " AS line_bytes
                 FROM journeys LEFT JOIN markers ON journey_id = journeys.id GROUP BY journeys.id
             ) "
        )
    };
}

/// Returns the journeys whose stored usage is wrong.
pub(super) fn wrong_journeys(db: &Connection) -> Result<Vec<JourneyId>, Fault> {
    let mut query = db.prepare(concat!(
        held!(),
        "SELECT id FROM held WHERE (markers_held, bytes_held) <> (markers, bytes)"
    ))?;
    rows::all(query.query([])?, |row| rows::id(row, 0).map(JourneyId))
}

/// Returns the riders whose stored usage is wrong.
pub(super) fn wrong_riders(db: &Connection) -> Result<Vec<UserId>, Fault> {
    let mut query = db.prepare(concat!(
        held!(),
        "SELECT users.id FROM users LEFT JOIN held ON user_id = users.id GROUP BY users.id
         HAVING (journeys_held, users.bytes_held) <> (count(held.id), ifnull(sum(bytes + line_bytes), 0))"
    ))?;
    rows::all(query.query([])?, |row| rows::id(row, 0).map(UserId))
}
