//! `kairos backup`: everything there is, in one file.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use kairos_store::administration::RecordKind;
use kairos_store::sqlite;
use tempfile::{TempDir, TempPath};

use crate::config::{Config, Database};
use crate::console::say;
use crate::signals::StopSignals;
use crate::{compose, copy};

/// Writes everything of the configured database into a SQLite file, while the service runs. `kairos copy` brings it back, to either
/// kind of database.
///
/// # Errors
/// A sentence for the operator. The file appears whole or not at all, and none is overwritten.
pub async fn back_up(config: &Config, to: &Path) -> anyhow::Result<()> {
    ensure!(!to.exists(), "{} is there already", to.display());
    let whole = std::path::absolute(to)?;
    let folder = whole.parent().unwrap_or(Path::new("/"));
    let mut signals = StopSignals::listen()?;
    let unfinished =
        private_folder_in(folder).with_context(|| format!("can't write to {}", folder.display()))?;
    // However this ends, but by a kill, the folder goes with it.
    let file = tokio::select! {
        written = write(&config.database, unfinished.path()) => written?,
        () = signals.next() => bail!("asked to stop; nothing is backed up"),
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

/// A folder that is its owner's only from the moment it exists, and so is what SQLite writes there: it holds everybody's addresses.
fn private_folder_in(folder: &Path) -> std::io::Result<TempDir> {
    tempfile::Builder::new()
        .prefix(".kairos-backup-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(folder)
}

/// Writes everything into a file in a folder, and says which.
async fn write(database: &Database, folder: &Path) -> anyhow::Result<PathBuf> {
    let file = folder.join("backup");
    match database {
        Database::Sqlite(path) => sqlite::back_up(path, &file).await?,
        mongodb @ Database::MongoDb { .. } => {
            let gathered = folder.join("gathered");
            gather(mongodb, &gathered).await?;
            // Into one file: what was written last may lie beside a database that is in use.
            sqlite::back_up(&gathered, &file).await?;
        }
    }
    // It is about to leave its folder.
    std::fs::set_permissions(&file, Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Copies a MongoDB database into a SQLite file, parents before children: what is written meanwhile may be missed, and what was there
/// before is there.
async fn gather(database: &Database, file: &Path) -> anyhow::Result<()> {
    let source = compose::store(database).await?;
    let target = compose::store(&Database::Sqlite(file.to_owned())).await?;
    for kind in RecordKind::ALL {
        for what in copy::copy_kind(kind, &source, &target, copy::SourceIs::InUse)
            .await?
            .1
        {
            say(format_args!("left behind  {what}"));
        }
    }
    Ok(())
}
