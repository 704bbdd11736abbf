//! Limits concurrent reads whose cost grows with a journey.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kairos_domain::id::UserId;
use kairos_domain::store::StoreError;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Limits concurrent reads whose cost grows with a journey: lists, figures and searches.
///
/// These reads use at most half of the connections, and searches half of that. Small reads therefore always
/// find a connection. One rider uses at most half of these places, so that one rider's reads never block
/// another's.
#[derive(Debug)]
pub(crate) struct Fence {
    places: Arc<Semaphore>,
    search_places: Arc<Semaphore>,
    rider_places: usize,
    connections_a_search: u32,
    /// The riders with running or waiting reads.
    riders: Mutex<HashMap<UserId, Rider>>,
    /// How long a read waits for its turn.
    patience: Duration,
}

#[derive(Debug)]
struct Rider {
    places: Arc<Semaphore>,
    reads: usize,
}

/// The kinds of reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// A page of a list, or another read that takes milliseconds.
    Page,
    /// A search, which may take seconds.
    Search,
}

/// A running read. Dropping it frees its places.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    _permits: Vec<OwnedSemaphorePermit>,
    _rider: Presence<'a>,
}

/// The running and waiting reads of a rider.
#[derive(Debug)]
struct Presence<'a> {
    fence: &'a Fence,
    rider: UserId,
}

impl Fence {
    /// Creates a fence for a number of connections, of which a search uses several.
    pub(crate) fn new(connections: usize, connections_a_search: u32, patience: Duration) -> Self {
        let half = |places: usize| (places / 2).max(1);
        let places = half(connections);
        Self {
            places: Arc::new(Semaphore::new(places)),
            search_places: Arc::new(Semaphore::new(half(places))),
            rider_places: half(places),
            connections_a_search: connections_a_search.min(u32::try_from(half(places)).unwrap_or(u32::MAX)),
            riders: Mutex::default(),
            patience,
        }
    }

    /// Waits for the turn of a read.
    pub(crate) async fn turn(&self, rider: UserId, read: Read) -> Result<Turn<'_>, StoreError> {
        let (presence, own_places) = self.enter(rider);
        // A rider's reads wait for each other first. Meanwhile, they occupy no place that other riders could
        // use.
        let (queues, places) = match read {
            Read::Page => (vec![&own_places, &self.places], 1),
            Read::Search => (
                vec![&own_places, &self.search_places, &self.places],
                self.connections_a_search,
            ),
        };
        let waiting = async {
            let mut permits = Vec::with_capacity(queues.len());
            for queue in queues {
                permits.push(Arc::clone(queue).acquire_many_owned(places).await?);
            }
            Ok::<_, AcquireError>(permits)
        };
        let permits = timeout(self.patience, waiting)
            .await
            .map_err(|too_late| StoreError::Unavailable(too_late.into()))?
            .map_err(|closed| StoreError::Unavailable(closed.into()))?;
        Ok(Turn {
            _permits: permits,
            _rider: presence,
        })
    }

    fn riders(&self) -> MutexGuard<'_, HashMap<UserId, Rider>> {
        self.riders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, rider: UserId) -> (Presence<'_>, Arc<Semaphore>) {
        let mut riders = self.riders();
        let entry = riders.entry(rider).or_insert_with(|| Rider {
            places: Arc::new(Semaphore::new(self.rider_places)),
            reads: 0,
        });
        entry.reads += 1;
        let places = Arc::clone(&entry.places);
        drop(riders);
        (Presence { fence: self, rider }, places)
    }
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        let mut riders = self.fence.riders();
        if let Some(entry) = riders.get_mut(&self.rider) {
            entry.reads -= 1;
            if entry.reads == 0 {
                riders.remove(&self.rider);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use kairos_domain::id::ObjectId;
    use tokio::task::unconstrained;

    use super::*;

    fn rider(number: u8) -> UserId {
        UserId(ObjectId::from_bytes([number; 12]))
    }

    fn fence(connections: usize) -> Fence {
        Fence::new(connections, 1, Duration::from_millis(20))
    }

    /// Takes turns until one has to wait.
    fn turns(fence: &Fence, who: u8, read: Read) -> Vec<Turn<'_>> {
        // Otherwise tokio's cooperative scheduling would sometimes suspend this task.
        let turn = || unconstrained(fence.turn(rider(who), read)).now_or_never();
        std::iter::from_fn(turn).map(Result::unwrap).collect()
    }

    #[tokio::test]
    async fn reads_take_half_of_the_connections_and_searches_a_quarter() {
        for (connections, pages, searches) in [(32, 16, 8), (8, 4, 2), (4, 2, 1), (2, 1, 1), (1, 1, 1)] {
            let all = |read| {
                let fence = fence(connections);
                let turns: Vec<_> = (0..20).flat_map(|who| turns(&fence, who, read)).collect();
                turns.len()
            };
            assert_eq!((all(Read::Page), all(Read::Search)), (pages, searches));
        }
    }

    #[tokio::test]
    async fn one_riders_reads_leave_places_to_another() {
        let fence = fence(8);
        let first = turns(&fence, 1, Read::Page);
        assert_eq!(first.len(), 2);
        // More reads of this rider wait, and block no other rider.
        let waiting: Vec<_> = (0..40)
            .map(|_| Box::pin(fence.turn(rider(1), Read::Page)))
            .collect();
        let mut waiting = futures_util::future::join_all(waiting);
        assert!((&mut waiting).now_or_never().is_none());
        assert_eq!(turns(&fence, 2, Read::Page).len(), 2);
        drop(first);
        drop(waiting);
        assert!(fence.riders().is_empty());
    }

    #[tokio::test]
    async fn searches_leave_places_to_lists() {
        let fence = fence(8);
        let searches = turns(&fence, 1, Read::Search);
        assert_eq!(searches.len(), 2);
        assert!(turns(&fence, 3, Read::Search).is_empty());
        assert_eq!(turns(&fence, 3, Read::Page).len(), 2);
    }

    #[tokio::test]
    async fn a_read_whose_turn_does_not_come_is_given_up() {
        let fence = fence(2);
        let turn = fence.turn(rider(1), Read::Search).await.unwrap();
        let late = fence.turn(rider(2), Read::Page).await;
        assert!(matches!(late, Err(StoreError::Unavailable(_))));
        drop(turn);
        assert!(fence.turn(rider(2), Read::Page).await.is_ok());
        assert!(fence.riders().is_empty());
    }
}
