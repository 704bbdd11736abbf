//! Opening a database file with durable writes and private permissions.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use kairos_domain::email_address::EmailKey;
use kairos_domain::geo::Position;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::PATIENCE;
use crate::sqlite::markers::finest_cell;

/// Bytes of the file that SQLite maps into memory: its maximum. Searches read scattered pages, and unmapped
/// pages cost a system call each.
const MAPPED_BYTES: i64 = 0x7fff_0000;

/// Limit of compiled statements that each connection caches. The store has about sixty.
const STATEMENTS_KEPT: usize = 100;

/// Pause between attempts, where SQLite does not wait for another process by itself.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(10);

/// Enables the write-ahead log, so that readers and writers do not block each other.
///
/// If another process enables it at the same moment, SQLite does not wait by itself.
#[expect(
    clippy::disallowed_methods,
    reason = "opening blocks, and has a thread for it"
)]
pub(super) fn log_ahead(db: &Connection) -> rusqlite::Result<()> {
    let asked = Instant::now();
    loop {
        match db.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_busy(&error) && asked.elapsed() < PATIENCE => sleep(BETWEEN_ATTEMPTS),
            outcome => return outcome,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

pub(in crate::sqlite) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    // The file exists by now. Without the URI flag, which is a default, SQLite never reads a path as a URI.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    // Without it, SQLite recompiles a statement whenever a bound value might allow a better plan. Examples
    // are a limit, or a value that it compares with a partial index. Recompiling takes longer than reading
    // fifty markers.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
    add_functions(&connection)?;
    Ok(connection)
}

/// Adds the functions that migrations and repairs call in SQL.
fn add_functions(db: &Connection) -> rusqlite::Result<()> {
    db.create_scalar_function("email_key", 1, FunctionFlags::SQLITE_DETERMINISTIC, |arguments| {
        let address: String = arguments.get(0)?;
        Ok(EmailKey::of(&address).as_str().to_owned())
    })?;
    db.create_scalar_function(
        "finest_cell",
        2,
        FunctionFlags::SQLITE_DETERMINISTIC,
        |arguments| {
            let position = Position::new(arguments.get(0)?, arguments.get(1)?, None);
            position
                .map(finest_cell)
                .map_err(|problem| rusqlite::Error::UserFunctionError(problem.into()))
        },
    )
}

/// Makes an existing database and its log private. They contain addresses, and hashes of passwords and
/// tokens.
///
/// Logs a file that stays readable by others. Its directory may still deny access.
#[cfg(unix)]
pub(super) fn make_private(database: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    for suffix in ["", "-wal", "-shm"] {
        let mut path = database.as_os_str().to_owned();
        path.push(suffix);
        let path = PathBuf::from(path);
        let Ok(metadata) = std::fs::metadata(&path) else {
            continue;
        };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 == 0 {
            continue;
        }
        let file = path.display();
        match std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)) {
            Ok(()) => tracing::info!(%file, "made a file of the database private; its mode was {mode:o}"),
            Err(error) => {
                tracing::warn!(%file, %error, "other users can read a file of the database; its mode is {mode:o}");
            }
        }
    }
}

#[cfg(not(unix))]
pub(super) fn make_private(_: &Path) {}

/// Creates the file, if it is missing, with access for its owner only. SQLite gives its log the same mode.
pub(super) fn make_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
