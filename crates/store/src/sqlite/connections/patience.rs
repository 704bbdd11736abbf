//! Timeouts of queries.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kairos_domain::store::StoreError;

use crate::sqlite::error::Fault;

/// The timeout of the query that runs on a connection, and whether its caller still waits.
#[derive(Debug, Clone)]
pub(in crate::sqlite) struct Patience(Arc<State>);

#[derive(Debug)]
struct State {
    origin: Instant,
    /// The number of the running query, ascending.
    query: AtomicU64,
    /// The deadline of the running query, in microseconds since `origin`.
    ends_at: AtomicU64,
    /// The latest query whose caller has stopped waiting.
    left: AtomicU64,
}

/// A guard that the caller holds. Dropping it ends the query.
pub(super) struct Caller {
    state: Arc<State>,
    query: u64,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self(Arc::new(State {
            origin: Instant::now(),
            query: AtomicU64::new(0),
            ends_at: AtomicU64::new(u64::MAX),
            left: AtomicU64::new(0),
        }))
    }

    /// Starts a query with a timeout.
    pub(super) fn begin(&self, limit: Option<Duration>) -> Caller {
        let ends_at = limit.map_or(u64::MAX, |limit| micros(self.0.origin.elapsed() + limit));
        self.0.ends_at.store(ends_at, Ordering::Relaxed);
        Caller {
            query: self.0.query.fetch_add(1, Ordering::Relaxed) + 1,
            state: Arc::clone(&self.0),
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        let state = &self.0;
        state.left.load(Ordering::Relaxed) >= state.query.load(Ordering::Relaxed)
            || micros(state.origin.elapsed()) > state.ends_at.load(Ordering::Relaxed)
    }

    /// Returns an error if the deadline of the running search has passed.
    pub(in crate::sqlite) fn check(&self) -> Result<(), Fault> {
        if self.has_ended() {
            return Err(StoreError::TooSlow.into());
        }
        Ok(())
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.state.left.fetch_max(self.query, Ordering::Relaxed);
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
