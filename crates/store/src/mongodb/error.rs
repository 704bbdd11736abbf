use bson::{Bson, Document};
use kairos_domain::store::{StoreError, Unique};
use mongodb::error::{Error, ErrorKind, WriteFailure};

use super::indexes;

/// Why a database could not be opened. Nothing here shows the connection string.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The connection string can't be read.
    #[error("the connection string can't be used: {}", .0.kind)]
    ConnectionString(Error),
    /// The server has no transactions, since it is not a member of a replica set.
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
    /// The database refuses, or does not answer.
    #[error("the database can't be opened: {0}")]
    Database(StoreError),
}

/// The unique index that refused a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// Another account has the address.
    Email,
    /// The rider is on another journey.
    ActiveJourney,
    /// The id is there already, or the token.
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

/// The error codes that matter here, by their names in MongoDB's list.
mod code {
    pub(super) const DUPLICATE_KEY: i32 = 11_000;
    pub(super) const MAX_TIME_EXPIRED: i32 = 50;
    pub(super) const INDEX_OPTIONS_CONFLICT: i32 = 85;
    pub(super) const INDEX_KEY_SPECS_CONFLICT: i32 = 86;
    /// OutOfDiskSpace.
    pub(super) const OUT_OF_DISK_SPACE: i32 = 14_031;
    /// MongoDB Atlas has refused; the message says why.
    pub(super) const ATLAS: i32 = 8_000;
    /// UserWritesBlocked: by an operator, or by MongoDB Atlas before the disk is full.
    pub(super) const USER_WRITES_BLOCKED: i32 = 371;
    /// The server is stopping, starting, changing its primary, or cut off from the others of its set; or
    /// another transaction holds a document until the deadline.
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

/// Which unique index refused, if one did. MongoDB names it in its message, and nowhere else.
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

/// Whether the server has no room, and refuses writes until an operator makes some.
fn is_disk_full(error: &Error) -> bool {
    code_and_message(error).is_some_and(|(code, message)| {
        code == code::OUT_OF_DISK_SPACE || (code == code::ATLAS && message.contains("space quota"))
    })
}

/// Whether every write will be refused like this one.
pub(super) fn refuses_all_writes(error: &Error) -> bool {
    let code = code_and_message(error).map(|(code, _)| code);
    is_disk_full(error) || code == Some(code::USER_WRITES_BLOCKED)
}

/// Whether an index could not be made because one over the same fields, or of the same name, is there.
pub(super) fn is_there_otherwise(error: &Error) -> bool {
    let code = code_and_message(error).map(|(code, _)| code);
    matches!(
        code,
        Some(code::INDEX_OPTIONS_CONFLICT | code::INDEX_KEY_SPECS_CONFLICT)
    )
}

/// Returns the message of the first refused write in a reply to a write command.
pub(super) fn write_failure(answer: &Document) -> Option<String> {
    let failures = answer.get_array("writeErrors").ok()?;
    let failure = failures.iter().find_map(Bson::as_document)?;
    Some(failure.get_str("errmsg").unwrap_or("refused").to_owned())
}

/// The driver's error as the domain's. Of what the driver tells, its kind is for people; the rest repeats it.
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
