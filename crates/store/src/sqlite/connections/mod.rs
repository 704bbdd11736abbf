//! The connections to a file, and how long an act may take on one.

mod opening;
mod patience;
mod pool;

use std::fmt;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use kairos_domain::store::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

pub(super) use opening::connect;
use opening::{log_ahead, make_private_file};
use patience::Caller;
pub(super) use patience::Patience;
use pool::{Lease, Member, Pool, in_turn};

use super::error::{Fault, OpenError, OpenErrorCause};
use super::migrations;

/// How long an act waits until it may begin, and a query may run.
const PATIENCE: Duration = Duration::from_secs(5);

/// The connections to one database file: one that writes and several that read.
///
/// SQLite lets one connection write at a time. Writers therefore queue here, fairly, rather than in its busy handler, where they would
/// poll.
pub(super) struct Connections {
    writer: Pool,
    readers: Pool,
    /// The turns of searches: at most half of the readers search, so that an account is never waited for behind them.
    searches: Semaphore,
    path: PathBuf,
}

impl Connections {
    pub(super) async fn open(path: &Path) -> Result<Self, OpenError> {
        let path = path.to_owned();
        let failed = {
            let path = path.clone();
            move |cause| OpenError { path, cause }
        };
        spawn_blocking(move || Self::open_blocking(&path))
            .await
            .unwrap_or(Err(OpenErrorCause::Interrupted))
            .map_err(failed)
    }

    fn open_blocking(path: &Path) -> Result<Self, OpenErrorCause> {
        make_private_file(path)?;
        // The whole path: SQLite takes some relative ones, such as `:memory:`, for something else.
        let path = path.canonicalize()?;
        let mut writer = connect(&path)?;
        log_ahead(&writer)?;
        migrations::migrate(&mut writer)?;
        let readers = available_parallelism().map_or(4, |cores| cores.get().clamp(4, 16));
        let readers = (0..readers)
            .map(|_| {
                let reader = connect(&path)?;
                reader.pragma_update(None, "query_only", true)?;
                Ok(Member::watched(reader)?)
            })
            .collect::<Result<Vec<_>, OpenErrorCause>>()?;
        Ok(Self {
            writer: Pool::of(vec![Member::of(writer)]),
            searches: Semaphore::new(readers.len() / 2),
            readers: Pool::of(readers),
            path,
        })
    }

    /// Runs a query of one statement. It is interrupted at its timeout, or when its caller stops waiting.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (mut lease, _caller) = self.reader(Some(PATIENCE)).await?;
        on_a_blocking_thread(move || query(&lease.member()?.db)).await
    }

    /// Runs a query of several statements, which see one snapshot of the database.
    pub(super) async fn snapshot<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.snapshot_for(Some(PATIENCE), |db, _| query(db)).await
    }

    /// Runs a search of many small queries on one snapshot. No single one is long enough to be interrupted,
    /// so the search itself checks its timeout between them.
    pub(super) async fn search<T: Send + 'static>(
        &self,
        search: impl FnOnce(&Connection, &Patience) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = in_turn(self.searches.acquire()).await?;
        self.snapshot_for(Some(PATIENCE), search).await
    }

    /// Runs a query without a timeout, for operators.
    pub(super) async fn examine<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.snapshot_for(None, |db, _| query(db)).await
    }

    async fn snapshot_for<T: Send + 'static>(
        &self,
        limit: Option<Duration>,
        query: impl FnOnce(&Connection, &Patience) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (mut lease, _caller) = self.reader(limit).await?;
        on_a_blocking_thread(move || {
            let reader = lease.member()?;
            let snapshot = reader.db.transaction()?;
            query(&snapshot, &reader.patience)
        })
        .await
    }

    async fn reader(&self, limit: Option<Duration>) -> Result<(Lease, Caller), StoreError> {
        let mut lease = self.readers.lease().await?;
        let caller = lease.member()?.patience.begin(limit);
        Ok((lease, caller))
    }

    /// Runs an act as one transaction, which is kept if the act succeeds. Once begun it ends, whether its caller waits or not.
    pub(super) async fn write<T: Send + 'static, E: From<Fault> + From<StoreError>>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, E> {
        let asked = Instant::now();
        let mut lease = self.writer.lease().await?;
        let outcome = spawn_blocking(move || {
            let db = &mut lease.member()?.db;
            // Waiting for one's turn here and for another process that writes are one wait to the caller.
            db.busy_timeout(PATIENCE.saturating_sub(asked.elapsed()))?;
            // Immediate: a transaction that reads before it writes can't find its snapshot outdated.
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = act(&transaction)?;
            transaction.commit()?;
            Ok::<_, Fault>(outcome)
        });
        Ok(outcome
            .await
            .map_err(|panicked| StoreError::Failed(panicked.into()))??)
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connections").field(&self.path).finish()
    }
}

async fn on_a_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, StoreError> {
    let outcome = spawn_blocking(work).await;
    Ok(outcome.map_err(|panicked| StoreError::Failed(panicked.into()))??)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, mpsc};

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn searches_leave_connections_to_others() {
        let directory = tempfile::tempdir().unwrap();
        let connections = Connections::open(&directory.path().join("kairos.db"))
            .await
            .unwrap();
        let connections = Arc::new(connections);
        let (finish, finished) = mpsc::channel::<()>();
        let finished = Arc::new(Mutex::new(finished));
        // More than there are connections.
        let searches: Vec<_> = (0..20)
            .map(|_| {
                let (connections, finished) = (Arc::clone(&connections), Arc::clone(&finished));
                tokio::spawn(async move {
                    let search = connections.search(move |_, _| {
                        finished.lock().unwrap().recv().ok();
                        Ok(())
                    });
                    search.await
                })
            })
            .collect();
        while connections.searches.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let answer = connections.read(|db| Ok(db.query_row("SELECT 7", [], |row| row.get::<_, i64>(0))?));
        assert_eq!(answer.await.unwrap(), 7);
        drop(finish);
        for search in searches {
            search.await.unwrap().unwrap();
        }
    }
}
