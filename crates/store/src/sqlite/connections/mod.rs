//! The connections to a file, and how long an act may take on one.

mod opening;
mod patience;
mod pool;

use std::fmt;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use kairos_domain::id::UserId;
use kairos_domain::store::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::task::spawn_blocking;

pub(super) use opening::connect;
use opening::{log_ahead, make_private, make_private_file};
use patience::Caller;
pub(super) use patience::Patience;
use pool::{Lease, Member, Pool};

use super::error::{Fault, OpenError, OpenErrorCause};
use super::migrations;
use crate::fence::{Fence, Read};

/// How long an act waits until it may begin, and a query may run.
const PATIENCE: Duration = Duration::from_secs(5);

/// The fewest connections that read. Each costs two megabytes at most.
const FEWEST_READERS: usize = 8;

/// The most connections that read.
const MOST_READERS: usize = 16;

/// The connections to one database file: one that writes and several that read.
///
/// SQLite lets one connection write at a time. Writers therefore queue here, fairly, rather than in its busy handler, where they would
/// poll.
pub(super) struct Connections {
    writer: Pool,
    readers: Pool,
    /// The reader of signs of life, for which nobody waits behind other reads.
    health: Pool,
    fence: Fence,
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
        // By now it is known to be a database of this program.
        make_private(&path);
        let readers = available_parallelism().map_or(FEWEST_READERS, |cores| {
            (2 * cores.get()).clamp(FEWEST_READERS, MOST_READERS)
        });
        let reader = || {
            let reader = connect(&path)?;
            reader.pragma_update(None, "query_only", true)?;
            Member::watched(reader)
        };
        Ok(Self {
            writer: Pool::of(vec![Member::of(writer)]),
            readers: Pool::of((0..readers).map(|_| reader()).collect::<Result<_, _>>()?),
            health: Pool::of(vec![reader()?]),
            fence: Fence::new(readers, 1, PATIENCE),
            path,
        })
    }

    /// Runs a query whose statements need not see the same state. It is interrupted at its timeout, or when its caller stops waiting.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (mut lease, _caller) = reader(&self.readers, Some(PATIENCE)).await?;
        on_a_blocking_thread(move || query(&lease.member()?.db)).await
    }

    /// Asks for a sign of life.
    pub(super) async fn ping(&self) -> Result<(), StoreError> {
        let (mut lease, _caller) = reader(&self.health, Some(PATIENCE)).await?;
        on_a_blocking_thread(move || {
            let db = &lease.member()?.db;
            Ok(db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?)
        })
        .await
    }

    /// Runs a query of several statements, which see one snapshot of the database.
    pub(super) async fn snapshot<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.snapshot_for(Some(PATIENCE), |db, _| query(db)).await
    }

    /// Runs a query that grows with a journey, when its turn has come behind the fence.
    pub(super) async fn list<T: Send + 'static>(
        &self,
        reader: UserId,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = self.fence.turn(reader, Read::Page).await?;
        self.snapshot(query).await
    }

    /// Runs a search of many small queries on one snapshot. No single one is long enough to be interrupted,
    /// so the search itself checks its timeout between them.
    pub(super) async fn search<T: Send + 'static>(
        &self,
        reader: UserId,
        search: impl FnOnce(&Connection, &Patience) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = self.fence.turn(reader, Read::Search).await?;
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
        let (mut lease, _caller) = reader(&self.readers, limit).await?;
        on_a_blocking_thread(move || {
            let reader = lease.member()?;
            let snapshot = reader.db.transaction()?;
            query(&snapshot, &reader.patience)
        })
        .await
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

/// Lends a reader for a query with a timeout.
async fn reader(readers: &Pool, limit: Option<Duration>) -> Result<(Lease, Caller), StoreError> {
    let mut lease = readers.lease().await?;
    let caller = lease.member()?.patience.begin(limit);
    Ok((lease, caller))
}

async fn on_a_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, StoreError> {
    let outcome = spawn_blocking(work).await;
    Ok(outcome.map_err(|panicked| StoreError::Failed(panicked.into()))??)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex, mpsc};

    use kairos_domain::id::ObjectId;

    use super::*;

    fn rider(number: u8) -> UserId {
        UserId(ObjectId::from_bytes([number; 12]))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn searches_leave_connections_to_lists_and_small_reads() {
        let directory = tempfile::tempdir().unwrap();
        let connections = Connections::open(&directory.path().join("kairos.db"))
            .await
            .unwrap();
        let connections = Arc::new(connections);
        let (finish, finished) = mpsc::channel::<()>();
        let finished = Arc::new(Mutex::new(finished));
        let begun = Arc::new(AtomicUsize::new(0));
        // More than there are connections.
        let searches: Vec<_> = (0..20)
            .map(|number| {
                let (connections, finished) = (Arc::clone(&connections), Arc::clone(&finished));
                let begun = Arc::clone(&begun);
                tokio::spawn(async move {
                    let search = connections.search(rider(number), move |_, _| {
                        begun.fetch_add(1, Ordering::SeqCst);
                        finished.lock().unwrap().recv().ok();
                        Ok(())
                    });
                    search.await
                })
            })
            .collect();
        let page = connections.list(rider(20), |_| Ok(()));
        while begun.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        page.await.unwrap();
        connections.ping().await.unwrap();
        let answer = connections.read(|db| Ok(db.query_row("SELECT 7", [], |row| row.get::<_, i64>(0))?));
        assert_eq!(answer.await.unwrap(), 7);
        drop(finish);
        for search in searches {
            search.await.unwrap().unwrap();
        }
    }
}
