//! The serialisation of each rider's writes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::time::timeout;

use crate::id::UserId;
use crate::writes::WriteRefused;

/// The longest wait of a write for its turn. A request has 30 s, so most of them remain for the write itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serialises the writes of each rider.
///
/// A store queues writes in order of arrival, or retries those that conflict. Without turns, a rider who
/// sends many writes at once would delay the writes of all other riders.
#[derive(Debug, Default)]
pub(crate) struct WriteTurns {
    /// The riders who have a write in progress or waiting.
    riders: Mutex<HashMap<UserId, Arc<AsyncMutex<()>>>>,
}

/// The turn of a rider's write. Dropping it lets the rider's next write begin.
#[derive(Debug)]
pub(crate) struct WriteTurn<'a> {
    _guard: OwnedMutexGuard<()>,
    // Dropped after the guard, so that it can check whether another write waits.
    _presence: Presence<'a>,
}

/// Removes a rider from the map when none of their writes is left.
#[derive(Debug)]
struct Presence<'a> {
    turns: &'a WriteTurns,
    rider: UserId,
}

impl WriteTurns {
    /// Waits until the rider's earlier writes are done.
    ///
    /// # Errors
    /// [`WriteRefused::TooManyWaiting`] if that takes longer than [`PATIENCE`].
    pub(crate) async fn turn(&self, rider: UserId) -> Result<WriteTurn<'_>, WriteRefused> {
        let presence = Presence { turns: self, rider };
        let turn = Arc::clone(self.riders().entry(rider).or_default());
        let guard = timeout(PATIENCE, turn.lock_owned()).await;
        Ok(WriteTurn {
            _guard: guard.map_err(|_| WriteRefused::TooManyWaiting)?,
            _presence: presence,
        })
    }

    fn riders(&self) -> MutexGuard<'_, HashMap<UserId, Arc<AsyncMutex<()>>>> {
        self.riders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        let mut riders = self.turns.riders();
        // Every other write of the rider holds a clone.
        if riders
            .get(&self.rider)
            .is_some_and(|turn| Arc::strong_count(turn) == 1)
        {
            riders.remove(&self.rider);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;
    use futures_util::poll;

    use super::*;
    use crate::id::ObjectId;

    fn rider(number: u8) -> UserId {
        UserId(ObjectId::from_bytes([number; 12]))
    }

    #[tokio::test]
    async fn a_write_waits_for_the_same_rider_and_for_no_other() {
        let turns = WriteTurns::default();
        let first = turns.turn(rider(1)).await.unwrap();
        let mut second = pin!(turns.turn(rider(1)));
        assert!(poll!(second.as_mut()).is_pending());
        assert!(turns.turn(rider(2)).now_or_never().unwrap().is_ok());
        drop(first);
        drop(second.await.unwrap());
        assert!(turns.riders().is_empty());
    }

    #[tokio::test]
    async fn a_write_that_gives_up_waiting_is_forgotten() {
        let turns = WriteTurns::default();
        let first = turns.turn(rider(1)).await.unwrap();
        {
            let mut second = pin!(turns.turn(rider(1)));
            assert!(poll!(second.as_mut()).is_pending());
            drop(first);
        }
        assert!(turns.riders().is_empty());
        assert!(turns.turn(rider(1)).now_or_never().unwrap().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_waits_ten_seconds_for_its_turn() {
        let turns = WriteTurns::default();
        let first = turns.turn(rider(1)).await.unwrap();
        let begun = tokio::time::Instant::now();
        let second = turns.turn(rider(1)).await;
        assert!(matches!(second, Err(WriteRefused::TooManyWaiting)));
        assert_eq!(begun.elapsed().as_secs(), 10);
        drop(first);
        assert!(turns.riders().is_empty());
    }
}
