use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bson::{RawDocument, RawDocumentBuf, doc};
use futures_util::TryStreamExt as _;
use kairos_domain::store::StoreError;
use mongodb::options::{Acknowledgment, ClientOptions, ReadPreference, WriteConcern};
use mongodb::{Client, Collection, Cursor, Database};
use serde::de::DeserializeOwned;
use tokio::task::yield_now;
use tokio::time::timeout;

use super::MongoSettings;
use super::document_loader::DocumentLoader;
use super::error::{OpenError, Taken, refuses_all_writes, taken, translate};
use crate::fence::Fence;
use crate::write_health::WriteHealth;

/// Interval at which the idle driver checks its servers. After an outage, it notices within this time that a
/// server is back.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Connections that a search uses: it sends two queries concurrently.
const CONNECTIONS_A_SEARCH: u32 = 2;

/// Number of documents after which a task yields to others.
pub(super) const DOCUMENTS_BETWEEN_PAUSES: usize = 200;

/// How long the cached marker count is reused.
const AN_ESTIMATE_IS_GOOD_FOR: Duration = Duration::from_secs(300);

/// The connections to one database, and handles of its collections.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) database: Database,
    pub(super) users: Collection<RawDocumentBuf>,
    pub(super) journeys: Collection<RawDocumentBuf>,
    pub(super) markers: Collection<RawDocumentBuf>,
    pub(super) itinerary_spans: Collection<RawDocumentBuf>,
    pub(super) lines: Collection<RawDocumentBuf>,
    pub(super) line_parts: Collection<RawDocumentBuf>,
    pub(super) schedules: Collection<RawDocumentBuf>,
    pub(super) sessions: Collection<RawDocumentBuf>,
    pub(super) counted_acts: Collection<RawDocumentBuf>,
    pub(super) known_clients: Collection<RawDocumentBuf>,
    pub(super) idempotency_keys: Collection<RawDocumentBuf>,
    pub(super) invitations: Collection<RawDocumentBuf>,
    pub(super) users_by_id: Arc<DocumentLoader>,
    pub(super) journeys_by_id: Arc<DocumentLoader>,
    pub(super) timeout: Duration,
    /// The first server of the connection string.
    pub(super) host: String,
    /// The client's name in the server's list of operations.
    pub(super) app_name: String,
    /// When this process last searched for abandoned transactions.
    pub(super) searched_for_abandoned: Arc<Mutex<Option<Instant>>>,
    pub(super) fence: Arc<Fence>,
    /// A separate connection for health checks, so that they never queue behind other calls.
    health: Arc<Health>,
    pub(super) write_health: Arc<WriteHealth>,
    /// The cached estimate of the number of markers, and the time of the query.
    about_markers: Arc<Mutex<Option<(Instant, u64)>>>,
}

impl Connection {
    pub(super) async fn open(settings: &MongoSettings) -> Result<Self, OpenError> {
        let mut options = ClientOptions::parse(&settings.url)
            .await
            .map_err(OpenError::ConnectionString)?;
        let app_name = options
            .app_name
            .get_or_insert_with(|| "kairos".to_owned())
            .clone();
        // The driver limits no whole call, and waits 30 s for a server by default. `call` applies the
        // timeout. The driver gives up slightly earlier, so that its error can name the server that does not
        // answer.
        options.server_selection_timeout = Some(settings.timeout * 9 / 10);
        options.connect_timeout = Some(settings.timeout);
        options.heartbeat_freq.get_or_insert(HEARTBEAT);
        let connections = *options.max_pool_size.get_or_insert(settings.max_connections);
        // Clients read their own writes.
        options.selection_criteria = Some(ReadPreference::Primary.into());
        // A confirmed write survives the loss of the server that confirmed it.
        options.write_concern = Some(majority());
        let host = options.hosts.first().map(ToString::to_string).unwrap_or_default();
        let health = Health {
            options: options.clone(),
            database: settings.database.clone(),
            opened: OnceLock::new(),
        };
        let client = Client::with_options(options).map_err(OpenError::ConnectionString)?;
        let database = client.database(&settings.database);
        Ok(Self {
            users_by_id: DocumentLoader::new(database.collection("users"), settings.timeout),
            journeys_by_id: DocumentLoader::new(database.collection("journeys"), settings.timeout),
            users: database.collection("users"),
            journeys: database.collection("journeys"),
            markers: database.collection("markers"),
            itinerary_spans: database.collection("itinerary_spans"),
            lines: database.collection("lines"),
            line_parts: database.collection("line_parts"),
            schedules: database.collection("schedules"),
            sessions: database.collection("sessions"),
            counted_acts: database.collection("counted_acts"),
            known_clients: database.collection("known_clients"),
            idempotency_keys: database.collection("idempotency_keys"),
            invitations: database.collection("invitations"),
            timeout: settings.timeout,
            host,
            app_name,
            searched_for_abandoned: Arc::default(),
            about_markers: Arc::default(),
            fence: Arc::new(Fence::new(
                connections as usize,
                CONNECTIONS_A_SEARCH,
                settings.timeout,
            )),
            health: Arc::new(health),
            write_health: Arc::default(),
            database,
        })
    }

    /// Runs a call with the timeout.
    pub(super) async fn call<T>(
        &self,
        action: impl IntoFuture<Output = mongodb::error::Result<T>>,
    ) -> Result<T, StoreError> {
        self.in_time(action).await?.map_err(|error| self.note(error))
    }

    /// Converts an error. Records it in the write health if it affects all writes.
    pub(super) fn note(&self, error: mongodb::error::Error) -> StoreError {
        let refuses_all_writes = refuses_all_writes(&error);
        let error = translate(error);
        if refuses_all_writes {
            self.write_health.failed(&error);
        }
        error
    }

    /// Writes one document. The inner error is the unique constraint that rejected the write.
    pub(super) async fn try_write<T>(
        &self,
        action: impl IntoFuture<Output = mongodb::error::Result<T>>,
    ) -> Result<Result<T, Taken>, StoreError> {
        match self.in_time(action).await? {
            Ok(written) => Ok(Ok(written)),
            Err(error) => taken(&error).map(Err).ok_or_else(|| self.note(error)),
        }
    }

    /// Returns all documents that a query finds.
    pub(super) async fn all(
        &self,
        query: impl IntoFuture<Output = mongodb::error::Result<Cursor<RawDocumentBuf>>>,
    ) -> Result<Vec<RawDocumentBuf>, StoreError> {
        let cursor = self.call(query).await?;
        self.call(cursor.try_collect()).await
    }

    /// Converts all documents that a query finds, and yields to other tasks in between.
    ///
    /// The timeout applies to each reply of the server.
    pub(super) async fn map_all<T>(
        &self,
        query: impl IntoFuture<Output = mongodb::error::Result<Cursor<RawDocumentBuf>>>,
        convert: impl Fn(&RawDocument) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let mut cursor = self.call(query).await?;
        let mut converted = Vec::new();
        while self.call(cursor.advance()).await? {
            converted.push(convert(cursor.current()));
            if converted.len().is_multiple_of(DOCUMENTS_BETWEEN_PAUSES) {
                yield_now().await;
            }
        }
        Ok(converted)
    }

    /// Returns all documents that a query finds, without a timeout. Meant for operators and migrations.
    pub(super) async fn all_in_long<T: DeserializeOwned + Unpin + Send + Sync>(
        &self,
        query: impl IntoFuture<Output = mongodb::error::Result<Cursor<T>>>,
    ) -> Result<Vec<T>, StoreError> {
        let cursor = query.await.map_err(translate)?;
        cursor.try_collect().await.map_err(translate)
    }

    /// Returns an estimate of the number of markers, at most `AN_ESTIMATE_IS_GOOD_FOR` old. The estimate sets
    /// the first radius of a search.
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

    /// Returns the time limit of a search on the server. No client waits longer.
    pub(super) fn time_to_search(&self) -> Duration {
        self.timeout.min(kairos_domain::discovery::DEADLINE)
    }

    /// Checks that the server answers.
    pub(super) async fn ping(&self) -> Result<(), StoreError> {
        let database = self.health.database()?;
        self.call(database.run_command(doc! { "ping": 1 }))
            .await
            .map(drop)
    }

    async fn in_time<T>(&self, action: impl IntoFuture<Output = T>) -> Result<T, StoreError> {
        timeout(self.timeout, action.into_future())
            .await
            .map_err(|too_late| StoreError::Unavailable(too_late.into()))
    }
}

/// A client with one connection. The connection opens on first use.
struct Health {
    options: ClientOptions,
    database: String,
    opened: OnceLock<Database>,
}

impl Health {
    fn database(&self) -> Result<&Database, StoreError> {
        if let Some(database) = self.opened.get() {
            return Ok(database);
        }
        let mut options = self.options.clone();
        options.max_pool_size = Some(1);
        options.min_pool_size = None;
        let client = Client::with_options(options).map_err(translate)?;
        Ok(self.opened.get_or_init(|| client.database(&self.database)))
    }
}

/// Returns the write concern of every write: the journal of a majority of the members.
pub(super) fn majority() -> WriteConcern {
    WriteConcern::builder()
        .w(Acknowledgment::Majority)
        .journal(true)
        .build()
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection").field(&self.database.name()).finish()
    }
}
