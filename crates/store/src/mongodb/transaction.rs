//! Runs each act in a transaction, and retries it after a conflict with another one.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bson::{Document, RawDocumentBuf};
use futures_util::TryStreamExt as _;
use kairos_domain::id::JourneyId;
use kairos_domain::store::{StoreError, WriteError};
use mongodb::ClientSession;
use mongodb::action::{
    Delete, Find, FindOne, FindOneAndDelete, FindOneAndUpdate, InsertMany, InsertOne, ReplaceOne, RunCommand,
    Update,
};
use mongodb::error::{Error, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::ReadConcern;
use mongodb::results::{DeleteResult, InsertManyResult, InsertOneResult, UpdateResult};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use super::connection::{Connection, majority};
use super::error::{translate, write_failure};

/// The upper limit of the pause before the second attempt. It grows by half with each attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(4);

/// The highest limit of a pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(120);

/// How long an act retries before it searches for transactions that a killed process has left open.
const LONG_CONFLICT: Duration = Duration::from_secs(1);

/// How long an act waits for another request with the same idempotency key.
const WAIT_FOR_KEY: Duration = Duration::from_secs(2);

/// A handle of an open transaction. Clones share it.
#[derive(Clone)]
pub(super) struct Transaction {
    session: Arc<Mutex<ClientSession>>,
}

/// Reason why an act ends without a commit.
pub(super) enum Abort {
    /// The database rejected a command. If the error is transient, the act runs again.
    Driver(Error),
    /// Another open transaction holds the idempotency key.
    KeyIsHeld(Error),
    /// A journey has more markers to migrate than fit into the transaction.
    Underived(JourneyId),
    /// The act itself failed.
    Refused(WriteError),
}

impl From<Error> for Abort {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl From<WriteError> for Abort {
    fn from(refusal: WriteError) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Abort {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl Connection {
    /// Runs an act in a transaction, and retries it until it commits or the timeout of a call is over.
    ///
    /// If the caller stops waiting, the act is done completely or not at all: the driver aborts an
    /// uncommitted transaction.
    pub(super) async fn write<T, F>(&self, act: impl Fn(Transaction) -> F) -> Result<T, WriteError>
    where
        F: Future<Output = Result<T, Abort>>,
    {
        self.run_within(self.timeout, true, act).await
    }

    /// Runs an act that has no errors of its own, see [`write`](Self::write).
    pub(super) async fn transaction<T, F>(&self, act: impl Fn(Transaction) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Abort>>,
    {
        self.transaction_within(self.timeout, act).await
    }

    /// Runs an act that may take longer than a call, such as a migration.
    pub(super) async fn transaction_within<T, F>(
        &self,
        time: Duration,
        act: impl Fn(Transaction) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Abort>>,
    {
        self.run_within(time, true, act).await.map_err(store_error)
    }

    /// Runs reads that see one snapshot. Nothing is committed.
    pub(super) async fn snapshot<T, F>(&self, read: impl Fn(Transaction) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Abort>>,
    {
        self.run_within(self.timeout, false, read)
            .await
            .map_err(store_error)
    }

    async fn run_within<T, F>(
        &self,
        time: Duration,
        commits: bool,
        act: impl Fn(Transaction) -> F,
    ) -> Result<T, WriteError>
    where
        F: Future<Output = Result<T, Abort>>,
    {
        timeout(time, self.run_until_done(Instant::now() + time, commits, act))
            .await
            .unwrap_or_else(|too_late| Err(StoreError::Unavailable(too_late.into()).into()))
    }

    async fn run_until_done<T, F>(
        &self,
        deadline: Instant,
        commits: bool,
        act: impl Fn(Transaction) -> F,
    ) -> Result<T, WriteError>
    where
        F: Future<Output = Result<T, Abort>>,
    {
        let begun = Instant::now();
        let mut limit = FIRST_PAUSE;
        loop {
            let transaction = self.begin().await.map_err(translate)?;
            let error = match act(transaction.clone()).await {
                Ok(done) if !commits => return Ok(done),
                Ok(done) => match transaction.commit().await {
                    Ok(()) => return Ok(done),
                    Err(error) => error,
                },
                Err(Abort::KeyIsHeld(_)) if begun.elapsed() >= WAIT_FOR_KEY => {
                    return Err(WriteError::KeyBusy);
                }
                Err(Abort::Driver(error) | Abort::KeyIsHeld(error)) => error,
                Err(Abort::Underived(journey)) => {
                    transaction.session.lock().await.abort_transaction().await.ok();
                    self.derive_markers(journey).await?;
                    continue;
                }
                Err(Abort::Refused(refusal)) => {
                    transaction.session.lock().await.abort_transaction().await.ok();
                    return Err(refusal);
                }
            };
            // Dropping the session makes the driver abort the transaction in the background.
            drop(transaction);
            let pause = jittered(limit);
            if !error.contains_label(TRANSIENT_TRANSACTION_ERROR) || Instant::now() + pause >= deadline {
                return Err(self.note(error).into());
            }
            if begun.elapsed() >= LONG_CONFLICT {
                self.end_abandoned_transactions().await;
            }
            sleep(pause).await;
            limit = (limit * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    async fn begin(&self) -> Result<Transaction, Error> {
        let mut session = self.database.client().start_session().await?;
        session
            .start_transaction()
            .read_concern(ReadConcern::snapshot())
            .write_concern(majority())
            .await?;
        Ok(Transaction {
            session: Arc::new(Mutex::new(session)),
        })
    }
}

/// Returns a random pause up to a limit, so that acts that have collided do not collide again.
fn jittered(limit: Duration) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "chance needs no precision")]
    let chance = RandomState::new().hash_one(0) as f64 / u64::MAX as f64;
    limit.mul_f64(chance)
}

fn store_error(error: WriteError) -> StoreError {
    match error {
        WriteError::Store(error) => error,
        refused => StoreError::Failed(refused.into()),
    }
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident($action:ty) -> $outcome:ty;)*) => {
        impl Transaction {
            $($(#[$doc])*
            pub(super) async fn $name(&self, action: $action) -> Result<$outcome, Abort> {
                let mut session = self.session.lock().await;
                Ok(action.session(&mut *session).await?)
            })*
        }
    };
}

commands! {
    find_one(FindOne<'_, RawDocumentBuf>) -> Option<RawDocumentBuf>;
    find_one_and_update(FindOneAndUpdate<'_, RawDocumentBuf>) -> Option<RawDocumentBuf>;
    find_one_and_delete(FindOneAndDelete<'_, RawDocumentBuf>) -> Option<RawDocumentBuf>;
    update(Update<'_>) -> UpdateResult;
    replace(ReplaceOne<'_>) -> UpdateResult;
    delete(Delete<'_>) -> DeleteResult;
    insert(InsertOne<'_>) -> InsertOneResult;
    insert_many(InsertMany<'_>) -> InsertManyResult;
    run(RunCommand<'_>) -> Document;
}

impl Transaction {
    /// Returns all documents that a query finds.
    pub(super) async fn all(&self, query: Find<'_, RawDocumentBuf>) -> Result<Vec<RawDocumentBuf>, Abort> {
        let mut session = self.session.lock().await;
        let mut found = query.session(&mut *session).await?;
        Ok(found.stream(&mut session).try_collect().await?)
    }

    /// Runs a command of many writes. Returns an error if one of them fails.
    pub(super) async fn run_writes(&self, command: RunCommand<'_>) -> Result<(), Abort> {
        let answer = self.run(command).await?;
        match write_failure(&answer) {
            Some(failure) => Err(StoreError::Failed(failure.into()).into()),
            None => Ok(()),
        }
    }

    /// Commits the transaction. Retries the command while its result is unknown.
    async fn commit(&self) -> Result<(), Error> {
        let mut session = self.session.lock().await;
        loop {
            match session.commit_transaction().await {
                Err(error) if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) => {
                    sleep(jittered(FIRST_PAUSE)).await;
                }
                committed => return committed,
            }
        }
    }
}
