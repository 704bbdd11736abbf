use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bson::{Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt as _;
use kairos_domain::store::StoreError;
use mongodb::options::{Acknowledgment, ClientOptions, ReadPreference, WriteConcern};
use mongodb::{Client, Collection, Cursor, Database};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::MongoSettings;
use super::error::{OpenError, Taken, taken, translate, write_failure};
use super::lookup::Lookup;

/// How often the driver looks after its servers when nothing is asked of them: as often, it learns that one is back.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// For how long the number of markers is taken for what it was.
const AN_ESTIMATE_IS_GOOD_FOR: Duration = Duration::from_secs(300);

/// How many writes one call holds.
const WRITES_A_CALL: usize = 500;

/// The connections to one database, and its collections.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) database: Database,
    pub(super) users: Collection<RawDocumentBuf>,
    pub(super) journeys: Collection<RawDocumentBuf>,
    pub(super) markers: Collection<RawDocumentBuf>,
    pub(super) track_segments: Collection<RawDocumentBuf>,
    pub(super) sessions: Collection<RawDocumentBuf>,
    pub(super) counted_acts: Collection<RawDocumentBuf>,
    pub(super) known_clients: Collection<RawDocumentBuf>,
    pub(super) users_by_id: Arc<Lookup>,
    pub(super) journeys_by_id: Arc<Lookup>,
    pub(super) timeout: Duration,
    /// For what is derived from other data, and can be again: nobody waits until it is in the journal, which keeps the order of writes.
    pub(super) unhurried: WriteConcern,
    connections_that_search: u32,
    discovery_turns: Arc<Semaphore>,
    /// About how many markers there are, and when that was asked.
    about_markers: Arc<Mutex<Option<(Instant, u64)>>>,
}

impl Connection {
    pub(super) async fn open(settings: &MongoSettings) -> Result<Self, OpenError> {
        let mut options = ClientOptions::parse(&settings.url)
            .await
            .map_err(OpenError::ConnectionString)?;
        options.app_name.get_or_insert_with(|| "kairos".to_owned());
        // The driver knows no limit to a whole call, and waits half a minute for a server: `call` is the limit. A little earlier, the
        // driver can say which server it is that doesn't answer.
        options.server_selection_timeout = Some(settings.timeout * 9 / 10);
        options.connect_timeout = Some(settings.timeout);
        options.heartbeat_freq.get_or_insert(HEARTBEAT);
        let connections = *options.max_pool_size.get_or_insert(settings.max_connections);
        // Whoever has written something reads it.
        options.selection_criteria = Some(ReadPreference::Primary.into());
        // An answer that was given outlives the server that gave it.
        options.write_concern = Some(
            WriteConcern::builder()
                .w(Acknowledgment::Majority)
                .journal(true)
                .build(),
        );
        let client = Client::with_options(options).map_err(OpenError::ConnectionString)?;
        let database = client.database(&settings.database);
        let connections_that_search = (connections / 2).max(1);
        Ok(Self {
            users_by_id: Lookup::new(database.collection("users"), settings.timeout),
            journeys_by_id: Lookup::new(database.collection("journeys"), settings.timeout),
            users: database.collection("users"),
            journeys: database.collection("journeys"),
            markers: database.collection("markers"),
            track_segments: database.collection("track_segments"),
            sessions: database.collection("sessions"),
            counted_acts: database.collection("counted_acts"),
            known_clients: database.collection("known_clients"),
            timeout: settings.timeout,
            unhurried: WriteConcern::builder().w(Acknowledgment::Majority).build(),
            about_markers: Arc::default(),
            connections_that_search,
            discovery_turns: Arc::new(Semaphore::new(connections_that_search as usize)),
            database,
        })
    }

    /// Waits for a call, as long as it may take.
    pub(super) async fn call<T>(
        &self,
        action: impl IntoFuture<Output = mongodb::error::Result<T>>,
    ) -> Result<T, StoreError> {
        self.in_time(action).await?.map_err(translate)
    }

    /// Waits for a write, and tells a unique index's refusal from what can't be helped.
    pub(super) async fn write<T>(
        &self,
        action: impl IntoFuture<Output = mongodb::error::Result<T>>,
    ) -> Result<Result<T, Taken>, StoreError> {
        match self.in_time(action).await? {
            Ok(written) => Ok(Ok(written)),
            Err(error) => taken(&error).map(Err).ok_or_else(|| translate(error)),
        }
    }

    /// Waits for all that a query finds.
    pub(super) async fn all(
        &self,
        query: impl IntoFuture<Output = mongodb::error::Result<Cursor<RawDocumentBuf>>>,
    ) -> Result<Vec<RawDocumentBuf>, StoreError> {
        let cursor = self.call(query).await?;
        self.call(cursor.try_collect()).await
    }

    /// Does many writes of one kind in a few calls. Nobody waits for their journal: whatever is lost of them is done again.
    pub(super) async fn write_all(
        &self,
        command: &str,
        collection: &str,
        kind: &str,
        writes: impl IntoIterator<Item = Document>,
    ) -> Result<(), StoreError> {
        let mut writes = writes.into_iter().peekable();
        while writes.peek().is_some() {
            let some: Vec<_> = writes.by_ref().take(WRITES_A_CALL).collect();
            let call = doc! {
                command: collection, kind: some, "ordered": false, "writeConcern": { "w": "majority" },
            };
            let answer = self.call(self.database.run_command(call)).await?;
            if let Some(failure) = write_failure(&answer) {
                return Err(StoreError::Failed(failure.into()));
            }
        }
        Ok(())
    }

    /// About how many markers there are, as of some minutes ago: it only tells how wide a search begins.
    pub(super) async fn about_how_many_markers(&self) -> Result<u64, StoreError> {
        let known = *self.about_markers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((asked, markers)) = known
            && asked.elapsed() < AN_ESTIMATE_IS_GOOD_FOR
        {
            return Ok(markers);
        }
        let markers = self.call(self.markers.estimated_document_count()).await?;
        let mut known = self.about_markers.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((Instant::now(), markers));
        Ok(markers)
    }

    /// How long the server may be at a search: nobody waits for longer.
    pub(super) fn time_to_search(&self) -> Duration {
        self.timeout.min(kairos_domain::discovery::DEADLINE)
    }

    /// Waits for the turn of a search that asks over so many connections. At most half of all search, so that an account is never waited
    /// for behind them.
    pub(super) async fn discovery_turn(&self, connections: u32) -> Result<SemaphorePermit<'_>, StoreError> {
        let connections = connections.min(self.connections_that_search);
        timeout(self.timeout, self.discovery_turns.acquire_many(connections))
            .await
            .map_err(|too_late| StoreError::Unavailable(too_late.into()))?
            .map_err(|closed| StoreError::Unavailable(closed.into()))
    }

    async fn in_time<T>(&self, action: impl IntoFuture<Output = T>) -> Result<T, StoreError> {
        timeout(self.timeout, action.into_future())
            .await
            .map_err(|too_late| StoreError::Unavailable(too_late.into()))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection").field(&self.database.name()).finish()
    }
}

/// Takes the steps of an act to their end, whether its caller waits or not.
pub(super) async fn to_the_end<T: Send + 'static>(
    steps: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    let outcome = tokio::spawn(steps).await;
    outcome.map_err(|panicked| StoreError::Failed(panicked.into()))?
}
