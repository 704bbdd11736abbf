use std::fmt;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{available_parallelism, sleep};
use std::time::{Duration, Instant};

use kairos_domain::geo::Position;
use kairos_domain::store::StoreError;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::error::{Fault, OpenError, OpenErrorCause};
use super::markers::finest_cell;
use super::migrations;

/// How long an act waits until it may begin, and a query may run.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a running query asks whether it should stop, in instructions of SQLite's virtual machine: some ten thousand times a second.
const INSTRUCTIONS_BETWEEN_CHECKS: i32 = 10_000;

/// How much of the file is read through the system's memory instead of by a call for each page: as much as SQLite lets. Searches jump about in it.
const MAPPED_BYTES: i64 = 0x7fff_0000;

/// How many statements each connection keeps compiled; there are some sixty in all.
const STATEMENTS_KEPT: usize = 100;

/// How long to wait for another process where SQLite doesn't.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(10);

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

/// Connections to be lent, each to one act at a time, in the order in which the acts came.
struct Pool {
    idle: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
}

impl Pool {
    fn of(connections: Vec<Connection>) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(connections.len())),
            idle: Arc::new(Mutex::new(connections)),
        }
    }

    async fn lease(&self) -> Result<Lease, StoreError> {
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
async fn in_turn<T>(turn: impl Future<Output = Result<T, AcquireError>>) -> Result<T, StoreError> {
    tokio::time::timeout(PATIENCE, turn)
        .await
        .map_err(|too_late| StoreError::Unavailable(too_late.into()))?
        .map_err(|closed| StoreError::Unavailable(closed.into()))
}

/// A lent connection; it goes home when this is dropped, even by a panic.
struct Lease {
    connection: Option<Connection>,
    home: Arc<Mutex<Vec<Connection>>>,
    // After `drop` has brought the connection home, the next in turn may take it.
    _turn: OwnedSemaphorePermit,
}

impl Lease {
    fn connection(&mut self) -> Result<&mut Connection, Fault> {
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

/// Has the file keep a write-ahead log, so that readers and writers don't wait for each other.
///
/// For another process that does the same at the same moment SQLite does not wait by itself.
#[expect(
    clippy::disallowed_methods,
    reason = "opening blocks, and has a thread for it"
)]
fn log_ahead(db: &Connection) -> rusqlite::Result<()> {
    let asked = Instant::now();
    loop {
        match db.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_busy(&error) && asked.elapsed() < PATIENCE => sleep(BETWEEN_ATTEMPTS),
            outcome => return outcome,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    // The file is there by now. Without the URI flag, which is among the defaults, a path is only ever a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
    teach_cells(&connection)?;
    Ok(connection)
}

/// Lets statements compute what the program computes otherwise: migrations and repairs.
fn teach_cells(db: &Connection) -> rusqlite::Result<()> {
    db.create_scalar_function(
        "finest_cell",
        2,
        FunctionFlags::SQLITE_DETERMINISTIC,
        |arguments| {
            let position = Position::new(arguments.get(0)?, arguments.get(1)?, None);
            position
                .map(finest_cell)
                .map_err(|problem| rusqlite::Error::UserFunctionError(problem.into()))
        },
    )
}

/// Makes the file, if it isn't there, so that nobody but its owner can ever read it. SQLite gives its log the same mode.
fn make_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

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
