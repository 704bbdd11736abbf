//! `kairos backup`: writes a SQLite database into one file, while the service runs.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use kairos_store::sqlite;
use tempfile::{TempDir, TempPath};

use super::ensure_exists;
use crate::config::{Config, Database};
use crate::console::say;
use crate::signals::StopSignals;

/// Writes a consistent snapshot of the configured SQLite database into a new file.
///
/// # Errors
/// A sentence for the operator. The file appears whole or not at all, and no file is overwritten.
pub async fn back_up(config: &Config, to: &Path) -> anyhow::Result<()> {
    let Database::Sqlite(database) = &config.database else {
        bail!(
            "`kairos backup` is for SQLite; for MongoDB use `mongodump --uri \"$DATABASE_URL\" --archive=FILE --gzip`"
        );
    };
    ensure_exists(&config.database)?;
    ensure!(!to.exists(), "{} exists already", to.display());
    let whole = std::path::absolute(to)?;
    let folder = whole.parent().unwrap_or(Path::new("/"));
    let mut signals = StopSignals::listen()?;
    let unfinished =
        private_folder_in(folder).with_context(|| format!("can't write to {}", folder.display()))?;
    // The folder is deleted at any end of this function, except by SIGKILL.
    let file = tokio::select! {
        written = write(database, unfinished.path()) => written?,
        () = signals.next() => bail!("stopped by a signal; nothing is backed up"),
    };
    TempPath::try_from_path(&file)?
        .persist_noclobber(&whole)
        .with_context(|| format!("can't write {}", to.display()))?;
    let bytes = std::fs::metadata(&whole)?.len();
    say(format_args!(
        "backed up    {} into {}, {bytes} bytes",
        config.database,
        to.display()
    ));
    Ok(())
}

/// Creates a folder that only its owner may enter.
///
/// SQLite writes the e-mail addresses of all riders into it.
fn private_folder_in(folder: &Path) -> std::io::Result<TempDir> {
    tempfile::Builder::new()
        .prefix(".kairos-backup-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(folder)
}

/// Writes the database into a file in a folder, and returns the file.
async fn write(database: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let file = folder.join("backup");
    sqlite::back_up(database, &file).await?;
    // The file will leave its private folder.
    std::fs::set_permissions(&file, Permissions::from_mode(0o600))?;
    Ok(file)
}
