//! The ports to a store, one trait for each aggregate; [`Store`] is their sum.
//!
//! 1. A method is one transaction. No transaction crosses a trait.
//! 2. Absence is an `Option`, a clash a [`StoreError::Conflict`], translated from the database's own refusal.
//! 3. Domain types go in and come out.
//! 4. No method reads a clock or makes an id: they come as arguments.
//! 5. A caller that stops waiting leaves an act done or not done.
//!
//! The conformance suite of `kairos-store` has a case for every sentence of these comments.

mod contents;
mod discovery;
mod journeys;
mod lines;
mod markers;
mod outbox;
mod page;
mod rate_limits;
mod sessions;
mod users;
mod writes;

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use contents::{Contents, ContentsChange, LineChange, MarkerChange, ScheduleChange};
pub use discovery::{Around, Discovery, EncounterMatch, EncounterSearch, NearbyMatch, NearbySearch};
pub use journeys::Journeys;
pub use lines::{LineFigures, Lines, LinesOfJourney, OfJourney, SimplifiedLine};
pub use markers::Markers;
pub use outbox::Outbox;
pub use page::{Batch, Listed, Page};
pub use rate_limits::{Limit, LimitKey, RateLimits};
pub use sessions::{MOST_UNUSED_TOKENS, NewSession, PresentedToken, Rotation, RotationOutcome, Sessions};
pub use users::{Registered, Registration, UserChange, Users};
pub use writes::{IdempotencyRecord, Write, WriteError};

use crate::id::UserId;

/// The database, as the sum of its aggregates.
#[async_trait]
pub trait Store:
    Users + Sessions + RateLimits + Journeys + Markers + Lines + Contents + Discovery + Outbox + fmt::Debug
{
    /// Checks that the database answers.
    ///
    /// After a write has failed because of a full disk or a broken file, it also checks that the database
    /// accepts a write. It tries a write at most once a second.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Returns the name of the kind of database, as `/health` gives it.
    fn kind(&self) -> &'static str;

    /// Returns the request with a rider's idempotency key of the last [24 hours](IdempotencyRecord::HOURS).
    async fn idempotency_record(
        &self,
        rider: UserId,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<IdempotencyRecord>, StoreError>;

    /// Removes one batch of the data of marked deletions. Returns whether there may be more.
    ///
    /// No other act waits for longer than a batch takes.
    async fn delete_next_batch(&self) -> Result<bool, StoreError>;

    /// Migrates one batch of the data of the earlier service. Returns whether there may be more.
    ///
    /// A migration can be stopped anywhere. A store that only Kairos writes has nothing to migrate.
    async fn migrate_next_batch(&self) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Removes everything that has expired at `now`. Returns the number of expired sessions.
    ///
    /// Sessions, counted acts, known clients, idempotency keys and invitations expire.
    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError>;
}

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The write violates a uniqueness constraint.
    #[error("already taken: {0:?}")]
    Conflict(Unique),
    /// The database did not answer in time, or not at all.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database has no room left for a write.
    #[error("the disk is full: {0}")]
    DiskFull(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database file is not where it was opened, so that writes would be lost.
    #[error("the database file was moved, deleted or replaced")]
    DatabaseMoved,
    /// The query was cancelled at its deadline.
    #[error("the query took longer than it may")]
    TooSlow,
    /// The stored data violates a rule of the domain.
    #[error("{what} {id} is corrupt: {problem}")]
    Corrupt {
        /// The kind of record, such as `marker`.
        what: &'static str,
        /// The id of the record.
        id: String,
        /// The rule that the record violates.
        problem: String,
    },
    /// The database failed for a reason that the caller cannot fix.
    #[error("the database failed: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The uniqueness constraints of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// An account with this e-mail address.
    Email,
    /// A record with this id.
    Id,
}
