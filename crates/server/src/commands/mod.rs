//! The commands of operators. `serve` and `demo` have modules of their own.

pub mod backup;
pub mod check;
pub mod copy;
pub mod health;
pub mod licences;
pub mod mail;
pub mod riders;

use anyhow::ensure;

use crate::config::Database;

/// Checks that a SQLite database exists, so that a command does not create an empty one.
///
/// # Errors
/// A sentence that names the file.
fn ensure_exists(database: &Database) -> anyhow::Result<()> {
    if let Database::Sqlite(path) = database {
        ensure!(
            path.exists(),
            "there is no database {}; the first start creates it",
            path.display()
        );
    }
    Ok(())
}
