//! The connections to a file, and how long an act may take on one.

mod opening;
mod pool;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use kairos_domain::store::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

pub(super) use opening::connect;
use opening::{log_ahead, make_private_file};
use pool::{Pool, in_turn};

use super::error::{Fault, OpenError, OpenErrorCause};
use super::migrations;

/// How long an act waits until it may begin, and a query may run.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a running query asks whether it should stop, in instructions of SQLite's virtual machine: some ten thousand times a second.
const INSTRUCTIONS_BETWEEN_CHECKS: i32 = 10_000;

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
                Ok(reader)
            })
            .collect::<Result<Vec<_>, OpenErrorCause>>()?;
        Ok(Self {
            writer: Pool::of(vec![writer]),
            searches: Semaphore::new(readers.len() / 2),
            readers: Pool::of(readers),
            path,
        })
    }

    /// Runs a query on one snapshot of the database. It is stopped when it takes too long, or when nobody waits for it any more.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.read_patiently(|db, _| query(db)).await
    }

    /// The same for a search, which takes longer than most. Of its many small queries none is long enough to be stopped: between them, it asks its
    /// caller's patience.
    pub(super) async fn search<T: Send + 'static>(
        &self,
        search: impl FnOnce(&Connection, &Patience) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = in_turn(self.searches.acquire()).await?;
        self.read_patiently(search).await
    }

    async fn read_patiently<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection, &Patience) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut lease = self.readers.lease().await?;
        let caller = Caller::default();
        let caller_left = Arc::clone(&caller.left);
        on_a_blocking_thread(move || {
            let patience = Patience {
                started: Instant::now(),
                caller_left,
            };
            let has_ended = {
                let patience = patience.clone();
                move || patience.has_ended()
            };
            let db = lease.connection()?;
            db.progress_handler(INSTRUCTIONS_BETWEEN_CHECKS, Some(has_ended))?;
            let snapshot = db.transaction()?;
            query(&snapshot, &patience)
        })
        .await
    }

    /// Runs a query that may take as long as it takes: for operators, whom nobody waits behind.
    pub(super) async fn examine<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut lease = self.readers.lease().await?;
        on_a_blocking_thread(move || {
            let db = lease.connection()?;
            db.progress_handler(0, None::<fn() -> bool>)?;
            let snapshot = db.transaction()?;
            query(&snapshot)
        })
        .await
    }

    /// Runs an act as one transaction, which is kept if the act succeeds. Once begun it ends, whether its caller waits or not.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let asked = Instant::now();
        let mut lease = self.writer.lease().await?;
        on_a_blocking_thread(move || {
            let db = lease.connection()?;
            // Waiting for one's turn here and for another process that writes are one wait to the caller.
            db.busy_timeout(PATIENCE.saturating_sub(asked.elapsed()))?;
            // Immediate: a transaction that reads before it writes can't find its snapshot outdated.
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = act(&transaction)?;
            transaction.commit()?;
            Ok(outcome)
        })
        .await
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

/// Somebody who waits for an answer, until they drop this.
#[derive(Default)]
struct Caller {
    left: Arc<AtomicBool>,
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.left.store(true, Ordering::Relaxed);
    }
}

/// How long a query may still run: until its time is up, or until nobody waits for it.
#[derive(Clone)]
pub(super) struct Patience {
    started: Instant,
    caller_left: Arc<AtomicBool>,
}

impl Patience {
    fn has_ended(&self) -> bool {
        self.started.elapsed() > PATIENCE || self.caller_left.load(Ordering::Relaxed)
    }

    /// Ends a search that has gone on for too long.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.has_ended() {
            return Err(StoreError::TooSlow.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc};

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
