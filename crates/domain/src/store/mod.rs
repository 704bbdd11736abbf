//! The ports to a store, one trait for each aggregate; [`Store`] is their sum.
//!
//! 1. A method is one atomic act. No transaction crosses a trait. Where a store cannot do an act in one step
//!    (MongoDB without a replica set), its steps are ordered so that a kill between them leaves what the method's
//!    comment says.
//! 2. Absence is an `Option`, a clash a [`StoreError::Conflict`], translated from the database's own refusal.
//! 3. Domain types go in and come out.
//! 4. No method reads a clock or makes an id: they come as arguments.
//!
//! The conformance suite of `kairos-store` has a case for every sentence of these comments.

mod discovery;
mod journeys;
mod limits;
mod markers;
mod outbox;
mod sessions;
mod users;

use std::fmt;

use async_trait::async_trait;

pub use discovery::{
    Discovery, EncounterCandidate, EncounterSearch, LikelyEncounter, LikelyEncounters, NearbyMatch,
    NearbySearch,
};
pub use journeys::{JourneyUpdate, Journeys, Toggled};
pub use limits::{Limit, LimitKey, Limits};
pub use markers::Markers;
pub use outbox::Outbox;
pub use sessions::{MOST_UNUSED_TOKENS, NewSession, PresentedToken, Rotation, RotationOutcome, Sessions};
pub use users::{PasswordChange, ProfileUpdate, Users, Verification};

/// Everything that Kairos keeps.
#[async_trait]
pub trait Store: Users + Sessions + Limits + Journeys + Markers + Discovery + Outbox + fmt::Debug {
    /// Asks the database for a sign of life.
    async fn ping(&self) -> Result<(), StoreError>;

    /// The name of the kind of database, as `/health` gives it.
    fn kind(&self) -> &'static str;

    /// Finishes the deletions that a crash has interrupted, and says how many there were. What they leave is invisible already; this
    /// frees its room.
    async fn finish_interrupted_acts(&self) -> Result<u64, StoreError>;

    /// Puts the markers that another service has written into the index of places, and says how many there were. Searches find them before,
    /// too, but slowly. Stopped anywhere, what is done stays done. A store that only Kairos writes has none.
    async fn adopt_markers(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// What a page of a list asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<I> {
    /// The most items to give; without it, all there are.
    pub limit: Option<u32>,
    /// The item that was seen last; the page begins after it.
    pub after: Option<I>,
}

impl<I> Page<I> {
    /// Everything at once.
    #[must_use]
    pub const fn everything() -> Self {
        Self {
            limit: None,
            after: None,
        }
    }
}

/// The item that a page should begin after is not in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotInList;

/// A store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something that may exist once exists already.
    #[error("already taken: {0:?}")]
    Conflict(Unique),
    /// The database did not answer in time, or not at all.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The query was given up because it would have taken too long.
    #[error("the query took longer than it may")]
    TooSlow,
    /// What lies in the database breaks a rule of the domain.
    #[error("{what} {id} is corrupt: {problem}")]
    Corrupt {
        /// The kind of thing, such as `marker`.
        what: &'static str,
        /// Its id.
        id: String,
        /// Which rule it breaks.
        problem: String,
    },
    /// The database refused for a reason that no caller can mend.
    #[error("the database failed: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What may exist only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// An account with this e-mail address.
    Email,
    /// A thing with this id.
    Id,
}
