use async_trait::async_trait;

use super::{Batch, Page, StoreError, Write, WriteError};
use crate::id::{JourneyId, UserId};
use crate::journey::{Journey, JourneyAge};
use crate::user::User;

/// The journeys of riders.
///
/// Writes are compare-and-swap: `before` is the journey as the caller saw it. If the stored journey differs,
/// the store rejects the write with [`WriteError::Changed`]. The caller then reads the journey again and
/// retries.
#[async_trait]
pub trait Journeys: Send + Sync {
    /// Adds a journey. Fails with [`WriteError::ParentGone`] if the rider is gone.
    ///
    /// An active journey deactivates the rider's other active journey in the same transaction.
    async fn insert_journey(&self, journey: &Journey, write: &Write) -> Result<(), WriteError>;

    /// Returns a journey that `reader` may see: a public one, or one of their own.
    async fn journey(&self, id: JourneyId, reader: UserId) -> Result<Option<Journey>, StoreError>;

    /// Returns an account, and a journey that its rider may see.
    async fn rider_and_journey(
        &self,
        rider: UserId,
        id: JourneyId,
    ) -> Result<(Option<User>, Option<Journey>), StoreError>;

    /// Returns a page of a rider's journeys that `reader` may see, oldest first (then by id).
    async fn journeys_of(
        &self,
        user_id: UserId,
        reader: UserId,
        page: Page<JourneyAge>,
    ) -> Result<Batch<Journey>, StoreError>;

    /// Returns a rider's active journey, if `reader` may see it.
    async fn active_journey(&self, user_id: UserId, reader: UserId) -> Result<Option<Journey>, StoreError>;

    /// Replaces `before` by `after`. The id, the rider and `created_at` stay the same.
    ///
    /// A journey that becomes active deactivates the rider's other active journey in the same transaction. At
    /// no time are two journeys of a rider active.
    async fn replace_journey(
        &self,
        before: &Journey,
        after: &Journey,
        write: &Write,
    ) -> Result<(), WriteError>;

    /// Removes a journey with its markers, lines and schedule.
    ///
    /// A journey that holds more than a batch is only marked, which hides it with all its parts.
    /// [`delete_next_batch`](super::Store::delete_next_batch) then removes them.
    async fn delete_journey(&self, before: &Journey, write: &Write) -> Result<(), WriteError>;
}
