use std::path::Path;

use tokio::task::spawn_blocking;

use super::connections;
use super::error::{OpenError, OpenErrorCause};

/// Copies a snapshot of a database to `to`, which must be empty or missing.
///
/// Other processes may read and write the database meanwhile. The copy does not change or migrate `from`.
/// `VACUUM INTO` reads one snapshot, while SQLite's backup interface would restart after each write.
///
/// # Errors
/// [`OpenError`] names the file that could not be read or written, and the cause.
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
    // Flush the copy to the disk, which SQLite has not done yet.
    std::fs::File::open(&to)?.sync_all()?;
    Ok(())
}
