//! Limits concurrent reads whose cost grows with a journey.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kairos_domain::id::UserId;
use kairos_domain::store::StoreError;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::effort::Effort;

/// Limits concurrent reads whose cost grows with a journey: lists, figures and searches.
///
/// These reads use at most half of the connections, and long searches half of that. Small reads therefore
/// always find a connection, and short searches never wait for long ones. One rider uses at most half of
/// these places and one search at a time, so that one rider's reads never block another's.
#[derive(Debug)]
pub(crate) struct Fence {
    places: Arc<Semaphore>,
    long_search_places: Arc<Semaphore>,
    rider_places: usize,
    connections_a_search: u32,
    /// The riders with running or waiting reads.
    riders: Mutex<HashMap<UserId, Rider>>,
    /// The longest wait of a read for each of its turns.
    patience: Duration,
}

#[derive(Debug)]
struct Rider {
    queues: RiderQueues,
    reads: usize,
}

/// The queues of one rider's reads.
#[derive(Debug, Clone)]
struct RiderQueues {
    places: Arc<Semaphore>,
    /// Admits one search at a time.
    searches: Arc<Semaphore>,
}

/// A running read. Dropping it frees its places.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    _permits: Permits,
    _rider: Presence<'a>,
}

type Permits = Vec<OwnedSemaphorePermit>;

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
            long_search_places: Arc::new(Semaphore::new(half(places))),
            rider_places: half(places),
            connections_a_search: connections_a_search.min(u32::try_from(half(places)).unwrap_or(u32::MAX)),
            riders: Mutex::default(),
            patience,
        }
    }

    /// Waits for the turn of a read that takes milliseconds, such as a page of a list.
    pub(crate) async fn page(&self, rider: UserId) -> Result<Turn<'_>, StoreError> {
        let (presence, own) = self.enter(rider);
        Ok(Turn {
            _permits: self.permits(&[&own.places, &self.places], 1).await?,
            _rider: presence,
        })
    }

    /// Runs a search in a short turn, and once more in a long turn if the short one was not enough.
    ///
    /// Most searches need little effort. They take their turns among the pages, and never wait for a long
    /// search. A search has used up its effort when it fails with [`StoreError::TooSlow`].
    pub(crate) async fn search<T, F: Future<Output = Result<T, StoreError>>>(
        &self,
        rider: UserId,
        search: impl Fn(Effort) -> F,
    ) -> Result<T, StoreError> {
        let (_presence, own) = self.enter(rider);
        let _only_search = self.permits(&[&own.searches], 1).await?;
        let places = self.connections_a_search;
        {
            let _turn = self.permits(&[&own.places, &self.places], places).await?;
            match search(Effort::short()).await {
                Err(StoreError::TooSlow) => {}
                outcome => return outcome,
            }
        }
        let queues = [&own.places, &self.long_search_places, &self.places];
        let _turn = self.permits(&queues, places).await?;
        search(Effort::unlimited()).await
    }

    /// Waits for places in several queues, one after the other.
    ///
    /// A rider's own queue comes first. While a read waits there, it occupies no place that other riders
    /// could use.
    async fn permits(&self, queues: &[&Arc<Semaphore>], places: u32) -> Result<Permits, StoreError> {
        let waiting = async {
            let mut permits = Vec::with_capacity(queues.len());
            for queue in queues {
                permits.push(Arc::clone(queue).acquire_many_owned(places).await?);
            }
            Ok::<_, AcquireError>(permits)
        };
        timeout(self.patience, waiting)
            .await
            .map_err(|too_late| StoreError::Unavailable(too_late.into()))?
            .map_err(|closed| StoreError::Unavailable(closed.into()))
    }

    fn riders(&self) -> MutexGuard<'_, HashMap<UserId, Rider>> {
        self.riders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, rider: UserId) -> (Presence<'_>, RiderQueues) {
        let mut riders = self.riders();
        let entry = riders.entry(rider).or_insert_with(|| Rider {
            queues: RiderQueues {
                places: Arc::new(Semaphore::new(self.rider_places)),
                searches: Arc::new(Semaphore::new(1)),
            },
            reads: 0,
        });
        entry.reads += 1;
        let queues = entry.queues.clone();
        drop(riders);
        (Presence { fence: self, rider }, queues)
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
mod tests;
