use bson::{Bson, Document};
use kairos_domain::store::{StoreError, Unique};
use mongodb::error::{Error, ErrorKind, WriteFailure};

use super::indexes;

/// Reason why a database could not be opened. Its texts never contain the connection string.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The connection string is invalid.
    #[error("the connection string can't be used: {}", .0.kind)]
    ConnectionString(Error),
    /// The server does not support transactions, because it is not a member of a replica set.
    #[error(
        "{host} is a standalone mongod, and Kairos needs a replica set (one member is enough): restart it with \
         `mongod --replSet rs0`, then run `mongosh \"mongodb://{host}/?directConnection=true\" --eval \
         'rs.initiate({{_id: \"rs0\", members: [{{_id: 0, host: \"{host}\"}}]}})'`; where clients can't resolve the \
         member's host name, add `directConnection=true` to DATABASE_URL"
    )]
    Standalone {
        /// The server's host and port.
        host: String,
    },
    /// The database refuses the connection, or does not answer.
    #[error("the database can't be opened: {0}")]
    Database(StoreError),
}

/// The unique constraint that rejected a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// Another account has the address.
    Email,
    /// The rider has another active journey.
    ActiveJourney,
    /// The id or the token exists already.
    Id,
}

impl From<Taken> for StoreError {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::Email => Self::Conflict(Unique::Email),
            Taken::Id => Self::Conflict(Unique::Id),
            Taken::ActiveJourney => Self::Failed("another journey of the rider is active".into()),
        }
    }
}

/// Error codes, by their names in MongoDB's list.
mod code {
    pub(super) const DUPLICATE_KEY: i32 = 11_000;
    pub(super) const MAX_TIME_EXPIRED: i32 = 50;
    pub(super) const INDEX_OPTIONS_CONFLICT: i32 = 85;
    pub(super) const INDEX_KEY_SPECS_CONFLICT: i32 = 86;
    /// OutOfDiskSpace.
    pub(super) const OUT_OF_DISK_SPACE: i32 = 14_031;
    /// An error of MongoDB Atlas. Its message contains the reason.
    pub(super) const ATLAS: i32 = 8_000;
    /// UserWritesBlocked: an operator blocks writes, or MongoDB Atlas does before the disk is full.
    pub(super) const USER_WRITES_BLOCKED: i32 = 371;
    /// The server or a document is temporarily unavailable.
    ///
    /// The server is stopping, starting, changing its primary, or cut off from its set. Otherwise, another
    /// transaction holds a document until the deadline.
    pub(super) const UNAVAILABLE: [i32; 16] = [
        6,      // HostUnreachable
        7,      // HostNotFound
        64,     // WriteConcernFailed
        89,     // NetworkTimeout
        91,     // ShutdownInProgress
        100,    // UnsatisfiableWriteConcern
        112,    // WriteConflict
        134,    // ReadConcernMajorityNotAvailableYet
        189,    // PrimarySteppedDown
        251,    // NoSuchTransaction
        262,    // ExceededTimeLimit
        9001,   // SocketException
        10_107, // NotWritablePrimary
        11_600, // InterruptedAtShutdown
        11_602, // InterruptedDueToReplStateChange
        13_435, // NotPrimaryNoSecondaryOk
    ];
}

/// Returns the unique constraint that rejected a write, if one did. MongoDB names the index only in its
/// message.
pub(super) fn taken(error: &Error) -> Option<Taken> {
    let (code, message) = code_and_message(error)?;
    (code == code::DUPLICATE_KEY).then(|| {
        if message.contains(indexes::ONE_ACCOUNT_AN_ADDRESS) {
            Taken::Email
        } else if message.contains(indexes::ONE_ACTIVE_JOURNEY_A_RIDER) {
            Taken::ActiveJourney
        } else {
            Taken::Id
        }
    })
}

/// Checks whether the disk is full, so that the server rejects writes until an operator frees space.
fn is_disk_full(error: &Error) -> bool {
    code_and_message(error).is_some_and(|(code, message)| {
        code == code::OUT_OF_DISK_SPACE || (code == code::ATLAS && message.contains("space quota"))
    })
}

/// Checks whether every other write will fail with the same error.
pub(super) fn refuses_all_writes(error: &Error) -> bool {
    let code = code_and_message(error).map(|(code, _)| code);
    is_disk_full(error) || code == Some(code::USER_WRITES_BLOCKED)
}

/// Checks whether creating an index failed because of an existing one with the same fields or name.
pub(super) fn is_there_otherwise(error: &Error) -> bool {
    let code = code_and_message(error).map(|(code, _)| code);
    matches!(
        code,
        Some(code::INDEX_OPTIONS_CONFLICT | code::INDEX_KEY_SPECS_CONFLICT)
    )
}

/// Returns the message of the first rejected write in a reply to a write command.
pub(super) fn write_failure(answer: &Document) -> Option<String> {
    let failures = answer.get_array("writeErrors").ok()?;
    let failure = failures.iter().find_map(Bson::as_document)?;
    Some(failure.get_str("errmsg").unwrap_or("refused").to_owned())
}

/// Converts an error of the driver. Keeps only its kind as text; the rest of the error repeats it.
#[expect(
    clippy::needless_pass_by_value,
    reason = "so that it can be handed to `map_err` by name"
)]
pub(super) fn translate(error: Error) -> StoreError {
    let cause = error.kind.to_string();
    if let Some(taken) = taken(&error) {
        return taken.into();
    }
    if is_disk_full(&error) {
        return StoreError::DiskFull(cause.into());
    }
    match (code_and_message(&error), &*error.kind) {
        (Some((code::MAX_TIME_EXPIRED, _)), _) => StoreError::TooSlow,
        (Some((code, _)), _) if code == code::USER_WRITES_BLOCKED || code::UNAVAILABLE.contains(&code) => {
            StoreError::Unavailable(cause.into())
        }
        (
            None,
            ErrorKind::Io(_)
            | ErrorKind::ServerSelection { .. }
            | ErrorKind::ConnectionPoolCleared { .. }
            | ErrorKind::DnsResolve { .. },
        ) => StoreError::Unavailable(cause.into()),
        _ => StoreError::Failed(cause.into()),
    }
}

fn code_and_message(error: &Error) -> Option<(i32, &str)> {
    match &*error.kind {
        ErrorKind::Command(command) => Some((command.code, &command.message)),
        ErrorKind::Write(WriteFailure::WriteError(write)) => Some((write.code, &write.message)),
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => Some((concern.code, &concern.message)),
        ErrorKind::InsertMany(many) => {
            let first = many.write_errors.iter().flatten().next()?;
            Some((first.code, &first.message))
        }
        _ => None,
    }
}
