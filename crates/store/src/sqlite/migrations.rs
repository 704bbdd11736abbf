use rusqlite::{Connection, TransactionBehavior};

use super::error::OpenErrorCause;

/// What has been done to the schema, oldest first. The file's `user_version` says how many of them it has seen. A migration that was
/// released is never changed: another one follows it.
const MIGRATIONS: [&str; 3] = [
    include_str!("schema/0001_riders_journeys_markers.sql"),
    include_str!("schema/0002_cells.sql"),
    include_str!("schema/0003_tracks.sql"),
];

/// Marks a file as one of ours: "Kair" in ASCII.
const APPLICATION_ID: i32 = 0x4b61_6972;

/// Brings the schema up to date, each step whole or not at all; two processes that start at once don't disturb each other.
pub(super) fn migrate(db: &mut Connection) -> Result<(), OpenErrorCause> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let application: i32 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: u32 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (version > 0 || tables > 0) {
        return Err(OpenErrorCause::Foreign);
    }
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if version > known {
        return Err(OpenErrorCause::Newer {
            found: version,
            known,
        });
    }
    for migration in MIGRATIONS.iter().skip(version as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}
