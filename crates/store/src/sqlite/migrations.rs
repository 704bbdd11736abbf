use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::{Fault, OpenErrorCause};
use super::itinerary::{self, Changed};
use super::{rows, usage};
use kairos_domain::id::JourneyId;

/// The complete schema.
const SCHEMA: &str = include_str!("schema/schema.sql");

/// The version of the schema, which is the file's `user_version`. Kairos 0.1 had the versions 1 to 3.
const VERSION: u32 = 6;

/// The oldest version that can be migrated.
const OLDEST: u32 = 3;

/// The oldest version that the current schema only extends by new tables and indexes.
const OLDEST_EXTENDED: u32 = 5;

/// SQL that copies the rows of earlier versions into the current tables.
const FROM_VERSION_3: &str = include_str!("schema/from_version_3.sql");
const FROM_VERSION_4: &str = include_str!("schema/from_version_4.sql");

/// Sets the key of each address. Of several accounts with one key, the one that can log in holds it in the
/// unique index.
const ADDRESS_KEYS: &str = "
    UPDATE users SET email_key = email_key(email);
    UPDATE users SET email_key_is_unique = 1 WHERE id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY email_key ORDER BY is_verified DESC, id) AS place FROM users
        ) WHERE place = 1
    );";

/// Identifies a file as a database of Kairos: "Kair" in ASCII.
const APPLICATION_ID: i32 = 0x4b61_6972;

/// Creates or migrates the schema, in one transaction, since two processes can start at once.
///
/// Returns whether the schema is new.
pub(super) fn migrate(db: &mut Connection) -> Result<bool, OpenErrorCause> {
    // A migration renames and drops tables, which must not cascade. SQLite ignores this pragma in a
    // transaction.
    db.pragma_update(None, "foreign_keys", false)?;
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let application: i32 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: u32 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (version > 0 || tables > 0) {
        return Err(OpenErrorCause::Foreign);
    }
    match version {
        0 | OLDEST_EXTENDED..VERSION => transaction.execute_batch(SCHEMA)?,
        VERSION => {}
        OLDEST..OLDEST_EXTENDED => {
            from_earlier(&transaction, version).map_err(|fault| OpenErrorCause::Unmigrated(fault.into()))?;
        }
        1..OLDEST => {
            return Err(OpenErrorCause::TooOld {
                found: version,
                oldest: OLDEST,
            });
        }
        _ => {
            return Err(OpenErrorCause::Newer {
                found: version,
                known: VERSION,
            });
        }
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    db.pragma_update(None, "foreign_keys", true)?;
    Ok(version == 0)
}

/// Writes the current version again: the smallest write that reaches the disk and changes nothing.
pub(super) fn rewrite_version(db: &Transaction<'_>) -> Result<(), Fault> {
    let version: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(db.pragma_update(None, "user_version", version)?)
}

/// Creates new tables and copies the rows into them.
///
/// `ALTER TABLE` would leave a schema that differs from that of a new file.
fn from_earlier(db: &Transaction<'_>, version: u32) -> Result<(), Fault> {
    let objects = {
        let mut query = db.prepare("SELECT type, name FROM sqlite_schema WHERE sql IS NOT NULL")?;
        rows::all(query.query([])?, |row| Ok((row.get(0)?, row.get(1)?)))?
    };
    for (kind, name) in objects {
        let (kind, name): (String, String) = (kind, name);
        match kind.as_str() {
            "table" => db.execute_batch(&format!("ALTER TABLE {name} RENAME TO old_{name}"))?,
            _ => db.execute_batch(&format!("DROP {kind} {name}"))?,
        }
    }
    db.execute_batch(SCHEMA)?;
    if version > OLDEST {
        db.execute_batch(FROM_VERSION_4)?;
        return Ok(db.execute_batch(ADDRESS_KEYS)?);
    }
    db.execute_batch(FROM_VERSION_3)?;
    db.execute_batch(ADDRESS_KEYS)?;
    db.execute("UPDATE markers SET cell = finest_cell(longitude, latitude)", [])?;
    let journeys = {
        let mut query = db.prepare("SELECT id FROM journeys")?;
        rows::all(query.query([])?, |row| rows::id(row, 0).map(JourneyId))?
    };
    for id in journeys {
        itinerary::follow(db, id, Changed::Any)?;
    }
    usage::derive_all(db)
}
