use chrono::{DateTime, Utc};

use super::StoreError;
use crate::id::{ObjectId, UserId};
use crate::usage::Bound;

/// A write of a signed-in rider. The store keeps its figures and its idempotency key in the transaction of
/// the act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The rider who writes.
    pub rider: UserId,
    /// The time of the act.
    pub now: DateTime<Utc>,
    /// Whether the write counts against [`WriteRate`](crate::usage::WriteRate).
    pub is_limited: bool,
    /// The idempotency key of the request, so that a repetition does nothing.
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
    /// How many of a rider's keys are kept: the newest.
    pub const MAX_PER_RIDER: u64 = 10_000;
    /// How long a key is kept, in hours.
    pub const HOURS: i64 = 24;
}

/// Why a store refused a write. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The stored state differs from the one that the caller saw, or is gone.
    #[error("it was changed meanwhile")]
    Changed,
    /// The account or the journey that it belongs to is gone.
    #[error("what it belongs to is gone")]
    ParentGone,
    /// It would pass a bound.
    #[error("it would pass the bound of {0:?}")]
    Full(Bound),
    /// The rider has written too often in the last minute, and may write again at this instant.
    #[error("too many writes until {0}")]
    TooManyWrites(DateTime<Utc>),
    /// Another request has taken the idempotency key meanwhile.
    #[error("the idempotency key is taken")]
    KeyTaken,
    /// Another request with the idempotency key is being carried out.
    #[error("a request under the idempotency key has not ended")]
    KeyBusy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
