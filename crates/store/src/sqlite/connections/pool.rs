//! A pool of connections.

use std::sync::{Arc, Mutex, PoisonError};

use kairos_domain::store::StoreError;
use rusqlite::Connection;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::PATIENCE;
use super::patience::Patience;

/// Instructions of SQLite's virtual machine between two checks of a query's deadline. A query executes this
/// number some ten thousand times a second.
const INSTRUCTIONS_BETWEEN_CHECKS: i32 = 10_000;

/// A connection, and the timeout of its running query.
pub(super) struct Member {
    pub(super) db: Connection,
    pub(super) patience: Patience,
}

impl Member {
    pub(super) fn of(db: Connection) -> Self {
        Self {
            db,
            patience: Patience::new(),
        }
    }

    /// Prepares a connection to interrupt its queries at their deadline.
    pub(super) fn watched(db: Connection) -> rusqlite::Result<Self> {
        let mut member = Self::of(db);
        let patience = member.patience.clone();
        let has_ended = move || patience.has_ended();
        member
            .db
            .progress_handler(INSTRUCTIONS_BETWEEN_CHECKS, Some(has_ended))?;
        Ok(member)
    }
}

/// A pool of connections. Each serves one act at a time, in the order of the acts.
pub(super) struct Pool {
    idle: Arc<Mutex<Vec<Member>>>,
    turns: Arc<Semaphore>,
}

impl Pool {
    pub(super) fn of(members: Vec<Member>) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(members.len())),
            idle: Arc::new(Mutex::new(members)),
        }
    }

    pub(super) async fn lease(&self) -> Result<Lease, StoreError> {
        let turn = in_turn(Arc::clone(&self.turns).acquire_owned()).await?;
        let member = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Lease {
            member,
            home: Arc::clone(&self.idle),
            _turn: turn,
        })
    }
}

/// Waits for a turn, with a timeout.
pub(super) async fn in_turn<T>(turn: impl Future<Output = Result<T, AcquireError>>) -> Result<T, StoreError> {
    tokio::time::timeout(PATIENCE, turn)
        .await
        .map_err(|too_late| StoreError::Unavailable(too_late.into()))?
        .map_err(|closed| StoreError::Unavailable(closed.into()))
}

/// A connection in use. Dropping this returns the connection to the pool, even after a panic.
pub(super) struct Lease {
    member: Option<Member>,
    home: Arc<Mutex<Vec<Member>>>,
    // Dropped after `drop` has returned the connection, so that the next act in the queue finds it.
    _turn: OwnedSemaphorePermit,
}

impl Lease {
    pub(super) fn member(&mut self) -> Result<&mut Member, StoreError> {
        let missing = || StoreError::Failed("a connection was lost".into());
        self.member.as_mut().ok_or_else(missing)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut idle = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        idle.extend(self.member.take());
    }
}
