use std::path::Path;

use tokio::task::spawn_blocking;

use super::connections;
use super::error::{OpenError, OpenErrorCause};

/// Writes a database as it is at one moment into `to`, which is empty or not there, while others read and write it; `from` itself is left
/// as it is, whatever its version. `VACUUM INTO` is one read of one snapshot; SQLite's backup interface would begin anew whenever somebody writes.
///
/// # Errors
/// [`OpenError`] names the file that can't be read, or why the other can't be written.
pub async fn back_up(from: &Path, to: &Path) -> Result<(), OpenError> {
    let (path, to) = (from.to_owned(), to.to_owned());
    let failed = {
        let path = path.clone();
        move |cause| OpenError { path, cause }
    };
    spawn_blocking(move || back_up_blocking(&path, &to))
        .await
        .unwrap_or(Err(OpenErrorCause::Interrupted))
        .map_err(failed)
}

fn back_up_blocking(from: &Path, to: &Path) -> Result<(), OpenErrorCause> {
    let db = connections::connect(&from.canonicalize()?)?;
    let to = std::path::absolute(to)?;
    db.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    // What SQLite has written lies in the system's memory so far.
    std::fs::File::open(&to)?.sync_all()?;
    Ok(())
}
