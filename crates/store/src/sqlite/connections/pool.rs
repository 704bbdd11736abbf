//! Connections that are lent.

use std::sync::{Arc, Mutex, PoisonError};

use kairos_domain::store::StoreError;
use rusqlite::Connection;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::PATIENCE;
use crate::sqlite::error::Fault;

/// Connections to be lent, each to one act at a time, in the order in which the acts came.
pub(super) struct Pool {
    idle: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
}

impl Pool {
    pub(super) fn of(connections: Vec<Connection>) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(connections.len())),
            idle: Arc::new(Mutex::new(connections)),
        }
    }

    pub(super) async fn lease(&self) -> Result<Lease, StoreError> {
        let turn = in_turn(Arc::clone(&self.turns).acquire_owned()).await?;
        let connection = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Lease {
            connection,
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
    connection: Option<Connection>,
    home: Arc<Mutex<Vec<Connection>>>,
    // After `drop` has brought the connection home, the next in turn may take it.
    _turn: OwnedSemaphorePermit,
}

impl Lease {
    pub(super) fn connection(&mut self) -> Result<&mut Connection, Fault> {
        let missing = || StoreError::Failed("a connection was lost".into());
        Ok(self.connection.as_mut().ok_or_else(missing)?)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut idle = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        idle.extend(self.connection.take());
    }
}
