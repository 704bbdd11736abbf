//! Rules that all writes of riders share: preconditions, idempotency keys and errors.

use std::fmt;

use crate::Kairos;
use crate::id::{ObjectId, UserId};
use crate::rate_limiter::LimitReached;
use crate::store::{IdempotencyRecord, StoreError, Write, WriteError};
use crate::usage::Bound;

/// A condition on the stored state, such as `If-Match`.
pub struct Precondition<T>(Option<Condition<T>>);

type Condition<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;

impl<T> Precondition<T> {
    /// Returns a condition that always holds.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Returns a condition that holds if `is_met` does.
    #[must_use]
    pub fn new(is_met: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(is_met)))
    }

    pub(crate) fn check(&self, stored: &T) -> Result<(), WriteRefused> {
        match &self.0 {
            Some(is_met) if !is_met(stored) => Err(WriteRefused::ChangedMeanwhile),
            _ => Ok(()),
        }
    }
}

impl<T> fmt::Debug for Precondition<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Precondition").field(&self.0.is_some()).finish()
    }
}

/// The idempotency key of a request that creates something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key that the client chose.
    pub key: String,
    /// SHA-256 of the request.
    pub request: [u8; 32],
    /// The HTTP status of a successful response.
    pub status: u16,
}

/// Why a write of a rider was rejected.
#[derive(Debug, thiserror::Error)]
pub enum WriteRefused {
    /// The stored state differs from the state that the caller has seen.
    #[error("it was changed meanwhile")]
    ChangedMeanwhile,
    /// The write would exceed a bound.
    #[error("it would pass the bound of {0:?}")]
    Full(Bound),
    /// The rider has written too often.
    #[error(transparent)]
    TooManyWrites(#[from] LimitReached),
    /// The idempotency key belongs to another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// An earlier request with the idempotency key is still in progress.
    #[error("a request under the idempotency key has not ended")]
    KeyBusy,
    /// The rider's earlier writes take too long.
    #[error("too many writes of the rider are waiting")]
    TooManyWaiting,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns whether an act without a [`Write`] was done; `false` means that the act must be retried.
pub(crate) fn is_done_uncounted(written: Result<(), WriteError>) -> Result<bool, StoreError> {
    match written {
        Ok(()) => Ok(true),
        Err(WriteError::Changed) => Ok(false),
        Err(WriteError::Store(error)) => Err(error),
        Err(refused) => Err(StoreError::Failed(refused.into())),
    }
}

/// The continuation of an act after a rejected write.
pub(crate) enum Retry {
    /// A concurrent act has changed the state. The act reads it again and retries.
    Again,
    /// The account or journey to which the written record belongs is gone.
    ParentGone,
}

impl Kairos {
    /// Returns a write of this rider at the current time.
    pub(crate) fn write_of(&self, rider: UserId) -> Write {
        Write {
            rider,
            now: self.clock.now(),
            is_limited: self.settings.rate_limit,
            key: None,
        }
    }

    /// Returns a write of this rider at the current time that creates these ids.
    pub(crate) fn keyed_write_of(
        &self,
        rider: UserId,
        key: Option<&IdempotencyKey>,
        ids: &[ObjectId],
    ) -> Write {
        Write {
            key: key.map(|key| IdempotencyRecord {
                key: key.key.clone(),
                request: key.request,
                status: key.status,
                ids: ids.to_vec(),
            }),
            ..self.write_of(rider)
        }
    }

    /// Returns the ids that an earlier request with the key created, or `None` if there was none.
    pub(crate) async fn made_before(
        &self,
        rider: UserId,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Vec<ObjectId>>, WriteRefused> {
        let Some(key) = key else { return Ok(None) };
        let record = self
            .store
            .idempotency_record(rider, &key.key, self.clock.now())
            .await?;
        match record {
            Some(record) if record.request != key.request => Err(WriteRefused::KeyReused),
            record => Ok(record.map(|record| record.ids)),
        }
    }

    /// Decides whether a rejected write can be retried, lacks its parent, or fails.
    pub(crate) fn retry_after(&self, error: WriteError) -> Result<Retry, WriteRefused> {
        match error {
            // The next attempt finds the record of a taken key.
            WriteError::Changed | WriteError::KeyTaken => Ok(Retry::Again),
            WriteError::ParentGone => Ok(Retry::ParentGone),
            WriteError::Full(bound) => Err(WriteRefused::Full(bound)),
            WriteError::TooManyWrites(until) => {
                Err(LimitReached::for_the_next(until - self.clock.now()).into())
            }
            WriteError::KeyBusy => Err(WriteRefused::KeyBusy),
            WriteError::Store(error) => Err(error.into()),
        }
    }

    /// Returns whether a write was done; `false` means that the act must be retried.
    pub(crate) fn is_done(&self, written: Result<(), WriteError>) -> Result<bool, WriteRefused> {
        match written {
            Ok(()) => Ok(true),
            Err(error) => self.retry_after(error).map(|_| false),
        }
    }
}
