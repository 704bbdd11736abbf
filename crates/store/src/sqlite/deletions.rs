//! Deletions. An act deletes the rows of journeys; a worker deletes most of their markers, itinerary days and
//! lines in batches.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::error::Fault;
use super::rows;

/// Maximum number of rows that one transaction deletes. Other writers wait for it, some ten milliseconds.
const ROWS_A_BATCH: usize = 500;

/// Bytes of a line that count like a row.
const BYTES_A_ROW: usize = 16 << 10;

/// Deletes journeys, and one batch of their other rows. Marks the journeys that have more.
pub(super) fn delete_journeys(db: &Transaction<'_>, of: Of, id: [u8; 12]) -> Result<(), Fault> {
    let (select, delete) = match of {
        Of::Journey => (
            "SELECT id FROM journeys WHERE id = ?",
            "DELETE FROM journeys WHERE id = ?",
        ),
        Of::Rider => (
            "SELECT id FROM journeys WHERE user_id = ?",
            "DELETE FROM journeys WHERE user_id = ?",
        ),
    };
    let ids = rows::all(db.prepare_cached(select)?.query([id])?, |row| Ok(row.get(0)?))?;
    db.prepare_cached(delete)?.execute([id])?;
    let mut mark = db.prepare_cached("INSERT INTO deletions (journey_id) VALUES (?)")?;
    let mut room = ROWS_A_BATCH;
    for id in ids {
        if !delete_rows(db, id, &mut room)? {
            mark.execute([id])?;
        }
    }
    Ok(())
}

/// The journeys to delete.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    /// The journey with this id.
    Journey,
    /// All journeys of a rider.
    Rider,
}

/// Deletes a batch of rows whose journeys are gone. Returns whether there are more.
pub(super) fn next_batch(db: &Transaction<'_>) -> Result<bool, Fault> {
    let mut next = db.prepare_cached("SELECT journey_id FROM deletions LIMIT 1")?;
    let mut finish = db.prepare_cached("DELETE FROM deletions WHERE journey_id = ?")?;
    let mut room = ROWS_A_BATCH;
    while let Some(journey_id) = next.query_row([], |row| row.get(0)).optional()? {
        if !delete_rows(db, journey_id, &mut room)? {
            return Ok(true);
        }
        finish.execute([journey_id])?;
    }
    Ok(false)
}

/// Deletes rows of a journey, at most `room`. Returns whether it has deleted all of them.
///
/// Parts of lines are deleted one by one, since they have up to some megabytes.
fn delete_rows(db: &Transaction<'_>, journey_id: [u8; 12], room: &mut usize) -> Result<bool, Fault> {
    for statement in [
        "DELETE FROM markers WHERE number IN (SELECT number FROM markers WHERE journey_id = ? LIMIT ?)",
        "DELETE FROM itinerary_days WHERE journey_id = ?1 AND day IN
             (SELECT day FROM itinerary_days WHERE journey_id = ?1 LIMIT ?2)",
        "DELETE FROM lines WHERE rowid IN (SELECT rowid FROM lines WHERE journey_id = ? LIMIT ?)",
        "DELETE FROM schedules WHERE journey_id = ? AND ? > 0",
    ] {
        let deleted = db
            .prepare_cached(statement)?
            .execute(params![journey_id, *room])?;
        *room = room.saturating_sub(deleted);
    }
    let parts = rows::all(
        db.prepare_cached("SELECT rowid, length(bytes) FROM line_parts WHERE journey_id = ? LIMIT ?")?
            .query(params![journey_id, *room])?,
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, usize>(1)?)),
    )?;
    let mut delete = db.prepare_cached("DELETE FROM line_parts WHERE rowid = ?")?;
    for (number, bytes) in parts {
        if *room == 0 {
            break;
        }
        delete.execute([number])?;
        *room = room.saturating_sub(1 + bytes / BYTES_A_ROW);
    }
    // The row of the journey counts, too.
    *room = room.saturating_sub(1);
    Ok(*room > 0)
}
