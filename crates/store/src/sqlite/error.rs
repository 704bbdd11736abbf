use std::io;
use std::path::PathBuf;

use kairos_domain::store::{StoreError, Unique, WriteError};
use rusqlite::ffi;

/// Reason why a database file could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("the database {} can't be opened: {cause}", path.display())]
pub struct OpenError {
    /// The file.
    pub path: PathBuf,
    /// The cause of the failure.
    pub cause: OpenErrorCause,
}

/// Cause of a failure to open a database file.
#[derive(Debug, thiserror::Error)]
pub enum OpenErrorCause {
    /// The file could not be created or read.
    #[error(transparent)]
    File(#[from] io::Error),
    /// SQLite reported an error.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    /// A later version of Kairos wrote the file.
    #[error("its schema is version {found}, this program knows versions up to {known}; use a newer Kairos")]
    Newer {
        /// The file's version.
        found: u32,
        /// The latest version that this program knows.
        known: u32,
    },
    /// The version of Kairos that wrote the file is too old for a migration.
    #[error(
        "its schema is version {found}, this program migrates from version {oldest} on; \
         start it once with Kairos 0.1, whose schema is version {oldest}"
    )]
    TooOld {
        /// The file's version.
        found: u32,
        /// The oldest version that this program migrates.
        oldest: u32,
    },
    /// A row could not be migrated.
    #[error("its schema can't be migrated: {0}")]
    Unmigrated(StoreError),
    /// Another program wrote the file.
    #[error("it belongs to another program")]
    Foreign,
    /// Another file replaced the file during the opening.
    #[error("it was moved or replaced at the same moment")]
    Moved,
    /// The opening was interrupted.
    #[error("opening it was interrupted")]
    Interrupted,
}

/// Reason why an act failed. `?` converts SQLite's errors and the domain's.
#[derive(Debug)]
pub(super) enum Fault {
    /// The file cannot be written or read: the disk is full, or the file is damaged.
    OfTheFile(StoreError),
    /// Any other error.
    Other(WriteError),
}

impl From<Fault> for WriteError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::OfTheFile(error) => error.into(),
            Fault::Other(error) => error,
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault.into() {
            WriteError::Store(error) => error,
            refused => Self::Failed(refused.into()),
        }
    }
}

impl From<WriteError> for Fault {
    fn from(refused: WriteError) -> Self {
        Self::Other(refused)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(code, message) = &error else {
            return StoreError::Failed(error.into()).into();
        };
        match (code.extended_code, code.code) {
            (ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY, _) => {
                StoreError::Conflict(what_is_taken(message.as_deref().unwrap_or_default())).into()
            }
            // The shared-memory index of the log could not grow.
            (ffi::SQLITE_IOERR_SHMSIZE, _) | (_, ffi::ErrorCode::DiskFull) => {
                Self::OfTheFile(StoreError::DiskFull(error.into()))
            }
            (_, ffi::ErrorCode::CannotOpen | ffi::ErrorCode::SystemIoFailure | ffi::ErrorCode::ReadOnly) => {
                Self::OfTheFile(StoreError::Unavailable(error.into()))
            }
            (_, ffi::ErrorCode::DatabaseCorrupt | ffi::ErrorCode::NotADatabase) => {
                Self::OfTheFile(StoreError::Failed(error.into()))
            }
            (_, ffi::ErrorCode::OperationInterrupted) => StoreError::TooSlow.into(),
            (_, ffi::ErrorCode::DatabaseBusy | ffi::ErrorCode::DatabaseLocked) => {
                StoreError::Unavailable(error.into()).into()
            }
            _ => StoreError::Failed(error.into()).into(),
        }
    }
}

/// Returns the violated uniqueness rule. SQLite names its columns only in the message.
fn what_is_taken(message: &str) -> Unique {
    if message.contains("users.email_key") {
        Unique::Email
    } else {
        Unique::Id
    }
}

/// Returns `false` if the insertion failed because the parent row does not exist.
pub(super) fn unless_parent_is_gone(inserted: rusqlite::Result<usize>) -> Result<bool, Fault> {
    match inserted {
        Ok(_) => Ok(true),
        Err(rusqlite::Error::SqliteFailure(code, _))
            if code.extended_code == ffi::SQLITE_CONSTRAINT_FOREIGNKEY =>
        {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
