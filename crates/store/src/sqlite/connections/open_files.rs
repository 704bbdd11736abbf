//! Detects that the open database file was moved, deleted or replaced.
//!
//! SQLite would continue to write to a file that the next start does not find. SQLite compares inodes, but
//! only before it creates a rollback journal. A database with a write-ahead log has none.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use kairos_domain::store::StoreError;

/// The open files, by the paths at which the next start looks for them.
#[derive(Debug)]
pub(super) struct OpenFiles {
    files: Vec<(PathBuf, FileId)>,
    is_moved: AtomicBool,
}

/// Identifies the file at a path.
///
/// The file system does not reuse an inode number while SQLite has the file open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
    /// Whether the file has a link. A bind mount of a single file still leads to the file after its last link
    /// was deleted.
    is_linked: bool,
}

impl FileId {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = path.metadata()?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            is_linked: metadata.nlink() > 0,
        })
    }
}

impl OpenFiles {
    /// Records the database file and the log beside it, which contains the latest writes.
    ///
    /// `configured` may lead to `database` through symbolic links. If one of them changes, the next start
    /// opens another file.
    pub(super) fn new(configured: &Path, database: &Path, opened: FileId) -> io::Result<Self> {
        let mut log = OsString::from(database);
        log.push("-wal");
        let log = PathBuf::from(log);
        let mut files = vec![(database.to_owned(), opened), (log.clone(), FileId::of(&log)?)];
        let configured = std::path::absolute(configured)?;
        if configured != database {
            files.push((configured, opened));
        }
        Ok(Self {
            files,
            is_moved: AtomicBool::new(false),
        })
    }

    /// Checks that all paths lead to the open files. Logs each change of the result.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let moved = self.moved();
        match (moved, self.is_moved.swap(moved.is_some(), Ordering::Relaxed)) {
            (Some(path), false) => tracing::error!(
                path = %path.display(),
                "the database file was moved, deleted or replaced; refusing writes until the same file is back"
            ),
            (None, true) => tracing::warn!("the database file is back; accepting writes"),
            _ => {}
        }
        moved.map_or(Ok(()), |_| Err(StoreError::DatabaseMoved))
    }

    /// Returns the first path that does not lead to its open file.
    pub(super) fn moved(&self) -> Option<&Path> {
        let mut files = self.files.iter();
        let moved = files.find(|(path, opened)| FileId::of(path).ok() != Some(*opened));
        moved.map(|(path, _)| path.as_path())
    }
}
