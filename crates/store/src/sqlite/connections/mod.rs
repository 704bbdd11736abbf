//! The connections to a database file, and their timeouts.

mod open_files;
mod opening;
mod patience;
mod pool;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use kairos_domain::id::UserId;
use kairos_domain::store::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::task::spawn_blocking;

use open_files::{FileId, OpenFiles};
pub(super) use opening::connect;
use opening::{log_ahead, make_private, make_private_file};
use patience::Caller;
pub(super) use patience::Patience;
use pool::{Lease, Member, Pool};

use super::error::{Fault, OpenError, OpenErrorCause};
use super::migrations;
use crate::effort::Effort;
use crate::fence::Fence;
use crate::write_health::WriteHealth;

/// How long an act waits for its turn, and how long a query may run.
const PATIENCE: Duration = Duration::from_secs(5);

/// Minimum number of read connections. Each takes at most two megabytes of memory.
const FEWEST_READERS: usize = 8;

/// Maximum number of read connections.
const MOST_READERS: usize = 16;

/// The connections to one database file: one writer and several readers.
///
/// SQLite allows one writer at a time. Writers queue here in fair order, because SQLite's busy handler would
/// poll.
pub(super) struct Connections {
    writer: Pool,
    readers: Pool,
    /// The reader for health checks, so that they never queue behind other reads.
    health: Pool,
    fence: Fence,
    path: PathBuf,
    /// Whether opening the file has created the database.
    pub(super) is_new: bool,
    files: Arc<OpenFiles>,
    write_health: Arc<WriteHealth>,
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

    fn open_blocking(configured: &Path) -> Result<Self, OpenErrorCause> {
        make_private_file(configured)?;
        // The absolute path: SQLite gives some relative ones, such as `:memory:`, another meaning.
        let path = configured.canonicalize()?;
        let opened = FileId::of(&path)?;
        let mut writer = connect(&path)?;
        log_ahead(&writer)?;
        let is_new = migrations::migrate(&mut writer)?;
        // By now, the file is known to be a database of this program.
        make_private(&path);
        let readers = available_parallelism().map_or(FEWEST_READERS, |cores| {
            (2 * cores.get()).clamp(FEWEST_READERS, MOST_READERS)
        });
        let reader = || {
            let reader = connect(&path)?;
            reader.pragma_update(None, "query_only", true)?;
            Member::watched(reader)
        };
        let files = OpenFiles::new(configured, &path, opened)?;
        if files.moved().is_some() {
            return Err(OpenErrorCause::Moved);
        }
        Ok(Self {
            writer: Pool::of(vec![Member::of(writer)]),
            readers: Pool::of((0..readers).map(|_| reader()).collect::<Result<_, _>>()?),
            health: Pool::of(vec![reader()?]),
            fence: Fence::new(readers, 1, PATIENCE),
            path,
            is_new,
            files: Arc::new(files),
            write_health: Arc::default(),
        })
    }

    /// Runs a query whose statements need no common snapshot. SQLite interrupts the query at its timeout, or
    /// when its caller stops waiting.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (mut lease, _caller) = reader(&self.readers, Some(PATIENCE)).await?;
        on_a_blocking_thread(move || query(&lease.member()?.db)).await
    }

    /// Checks that the file is in place and readable. After a failed write, also checks that it is writable.
    pub(super) async fn check_health(&self) -> Result<(), StoreError> {
        let files = Arc::clone(&self.files);
        let (mut lease, _caller) = reader(&self.health, Some(PATIENCE)).await?;
        on_a_blocking_thread(move || {
            files.check()?;
            let db = &lease.member()?.db;
            Ok(db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?)
        })
        .await?;
        self.write_health
            .check(self.write(migrations::rewrite_version))
            .await
    }

    /// Runs a query of several statements on one snapshot of the database.
    pub(super) async fn snapshot<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.snapshot_for(Some(PATIENCE), |db, _| query(db)).await
    }

    /// Waits for a turn at the fence, then runs a query whose cost grows with a journey.
    pub(super) async fn list<T: Send + 'static>(
        &self,
        reader: UserId,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = self.fence.page(reader).await?;
        self.snapshot(query).await
    }

    /// Waits for a turn at the fence, then runs a search of many small queries on one snapshot. No single query
    /// is long enough to be interrupted, so the search itself checks its timeout between them.
    pub(super) async fn search<T: Send + 'static>(
        &self,
        reader: UserId,
        search: impl FnOnce(&Connection, &Patience, Effort) -> Result<T, Fault> + Clone + Send + 'static,
    ) -> Result<T, StoreError> {
        self.fence
            .search(reader, |effort| {
                let search = search.clone();
                self.snapshot_for(Some(PATIENCE), move |db, patience| search(db, patience, effort))
            })
            .await
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

    /// Runs an act as one transaction, and commits if the act succeeds. An act that has begun finishes even
    /// if its caller stops waiting.
    pub(super) async fn write<T: Send + 'static, E: From<Fault> + From<StoreError>>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, E> {
        let asked = Instant::now();
        let mut lease = self.writer.lease().await?;
        let (files, health) = (Arc::clone(&self.files), Arc::clone(&self.write_health));
        let outcome = spawn_blocking(move || {
            files.check()?;
            let db = &mut lease.member()?.db;
            // The caller has one timeout for both waits: for its turn here, and for another process that
            // writes.
            db.busy_timeout(PATIENCE.saturating_sub(asked.elapsed()))?;
            let changes = db.total_changes();
            let outcome = transact(db, act);
            match &outcome {
                Ok(_) if db.total_changes() > changes => health.succeeded(),
                Err(Fault::OfTheFile(error)) => health.failed(error),
                Ok(_) | Err(Fault::Other(_)) => {}
            }
            outcome
        });
        Ok(outcome
            .await
            .map_err(|panicked| StoreError::Failed(panicked.into()))??)
    }
}

fn transact<T>(
    db: &mut Connection,
    act: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    // Immediate: it takes the write lock before it reads, so its snapshot cannot be outdated when it writes.
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let outcome = act(&transaction)?;
    transaction.commit()?;
    Ok(outcome)
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connections").field(&self.path).finish()
    }
}

/// Waits for a read connection, and starts a query with a timeout on it.
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
mod tests;
