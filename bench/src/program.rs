//! The real program, on a store of its own.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use kairos_store::administration::AdminStore;
use kairos_store::mongodb::{MongoSettings, MongoStore};
use kairos_store::sqlite::SqliteStore;
use kairos_test_mongod::TestDatabase;
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};

use crate::StoreKind;

/// The key with which both the program and the benchmark sign tokens.
pub(crate) const SECRET_KEY: &str = "the signing key of the benchmark, which is no secret";

/// The longest time to wait for the program to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Builds the program to be measured.
pub(crate) fn build() -> anyhow::Result<()> {
    let status = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--package", "kairos"])
        .status()?;
    ensure!(status.success(), "kairos can't be built");
    Ok(())
}

/// The location of the measured store.
pub(crate) struct Place {
    directory: TempDir,
    /// The database, if the store is MongoDB.
    pub(crate) database: Option<TestDatabase>,
}

impl Place {
    pub(crate) fn new(store: StoreKind) -> anyhow::Result<Self> {
        let database =
            (store == StoreKind::Mongodb).then(|| TestDatabase::on(kairos_test_mongod::replica_set()));
        Ok(Self {
            directory: tempfile::tempdir()?,
            database,
        })
    }

    pub(crate) async fn open(&self) -> anyhow::Result<Arc<dyn AdminStore>> {
        Ok(match &self.database {
            Some(database) => Arc::new(
                MongoStore::open(&MongoSettings {
                    url: database.server_url.clone(),
                    database: database.name.clone(),
                    max_connections: 16,
                    timeout: PATIENCE,
                })
                .await?,
            ),
            None => Arc::new(SqliteStore::open(&self.file()).await?),
        })
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("kairos.db")
    }

    fn url(&self) -> String {
        match &self.database {
            Some(database) => database.url(),
            None => format!("sqlite://{}", self.file().display()),
        }
    }
}

/// The configuration of the program.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mode {
    /// Without limits, since a benchmark reads and writes more than a rider may.
    LoadTest,
    /// With limits.
    Limited,
    /// With limits, and with a log line for each request that is then discarded.
    Production,
}

/// The running program. It is killed when this value is dropped.
pub(crate) struct Program {
    child: Child,
    /// The address on which the program listens.
    pub(crate) address: String,
    /// The time from the start to the first successful response.
    pub(crate) started_in: Duration,
}

impl Program {
    /// Starts the program and waits until it answers.
    pub(crate) async fn start(place: &Place, mode: Mode) -> anyhow::Result<Self> {
        let (rate_limit, log, errors) = match mode {
            Mode::LoadTest => ("off", "warn", Stdio::inherit()),
            Mode::Limited => ("on", "warn", Stdio::inherit()),
            Mode::Production => ("on", "info", Stdio::null()),
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let program = std::env::current_exe()?.with_file_name("kairos");
        let begun = Instant::now();
        let child = Command::new(program)
            .arg("serve")
            .current_dir(place.directory.path())
            .env_clear()
            .env("DATABASE_URL", place.url())
            .env("PORT", port.to_string())
            .env("LOG", log)
            .env("RATE_LIMIT", rate_limit)
            .env("SECRET_KEY", SECRET_KEY)
            // The benchmark sets the client address of each request itself.
            .env("TRUSTED_PROXIES", "127.0.0.1")
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .context("kairos can't be started")?;
        let mut program = Self {
            child,
            address: format!("127.0.0.1:{port}"),
            started_in: Duration::ZERO,
        };
        // The program listens before its database is open, so only the first successful response shows
        // that it has started.
        while crate::load::ping(&program.address).await.is_err() {
            ensure!(begun.elapsed() < PATIENCE, "kairos did not start");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        program.started_in = begun.elapsed();
        Ok(program)
    }

    /// Returns the anonymous memory of the program in megabytes (10⁶ bytes), without its mapped files.
    pub(crate) fn memory_megabytes(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let own = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kibibytes = own.and_then(|own| own.trim().trim_end_matches(" kB").parse::<f64>().ok());
        Ok(kibibytes.context("/proc tells no memory")? * 1024.0 / 1_000_000.0)
    }

    /// Connects from another address of this machine, so that the program sees a separate client.
    pub(crate) async fn connect_from(address: &str, client: Ipv4Addr) -> anyhow::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((client, 0).into())?;
        let stream = socket.connect(address.parse()?).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Connects to the program.
    pub(crate) async fn connect(address: &str) -> anyhow::Result<TcpStream> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
