//! Connections that are lent.

use std::sync::{Arc, Mutex, PoisonError};

use kairos_domain::store::StoreError;
use rusqlite::Connection;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::PATIENCE;
use super::patience::Patience;

/// After how many instructions of SQLite's virtual machine a query checks its deadline: some ten thousand
/// times a second.
const INSTRUCTIONS_BETWEEN_CHECKS: i32 = 10_000;

/// A connection with the timeout of its queries.
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

    /// Opens a connection whose queries are interrupted at their deadline.
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

/// Connections to be lent, each to one act at a time, in the order in which the acts came.
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

/// Waits for one's turn, as long as a caller is patient.
pub(super) async fn in_turn<T>(turn: impl Future<Output = Result<T, AcquireError>>) -> Result<T, StoreError> {
    tokio::time::timeout(PATIENCE, turn)
        .await
        .map_err(|too_late| StoreError::Unavailable(too_late.into()))?
        .map_err(|closed| StoreError::Unavailable(closed.into()))
}

/// A lent connection; it goes home when this is dropped, even by a panic.
pub(super) struct Lease {
    member: Option<Member>,
    home: Arc<Mutex<Vec<Member>>>,
    // After `drop` has brought the connection home, the next in turn may take it.
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
