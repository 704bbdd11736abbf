use chrono::{DateTime, Utc};

use super::StoreError;
use crate::id::{ObjectId, UserId};
use crate::usage::Bound;

/// The record of a write by a signed-in rider.
///
/// The store counts the write and keeps its idempotency key in the transaction of the act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The rider who writes.
    pub rider: UserId,
    /// The time of the act.
    pub now: DateTime<Utc>,
    /// Whether the write counts against [`WriteRate`](crate::usage::WriteRate).
    pub is_limited: bool,
    /// The idempotency key of the request, so that a repeated request does nothing.
    pub key: Option<IdempotencyRecord>,
}

/// A request that was carried out with an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// The key that the client chose: 1 to 255 visible ASCII characters.
    pub key: String,
    /// SHA-256 of the request: its method, path, query and body.
    pub request: [u8; 32],
    /// The HTTP status of the response.
    pub status: u16,
    /// The ids that the request created, in order.
    pub ids: Vec<ObjectId>,
}

impl IdempotencyRecord {
    /// The most keys that are kept for a rider. The newest stay.
    pub const MAX_PER_RIDER: u64 = 10_000;
    /// The retention of a key, in hours.
    pub const HOURS: i64 = 24;
}

/// Why a store rejected a write. A rejected write changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The stored state differs from the state that the caller saw, or is gone.
    #[error("it was changed meanwhile")]
    Changed,
    /// The account or journey to which the written record belongs is gone.
    #[error("what it belongs to is gone")]
    ParentGone,
    /// The write would exceed a bound.
    #[error("it would pass the bound of {0:?}")]
    Full(Bound),
    /// The rider has written too often in the last minute. The next write is possible at this instant.
    #[error("too many writes until {0}")]
    TooManyWrites(DateTime<Utc>),
    /// A concurrent request has taken the idempotency key.
    #[error("the idempotency key is taken")]
    KeyTaken,
    /// Another request with the idempotency key is in progress.
    #[error("a request under the idempotency key has not ended")]
    KeyBusy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
