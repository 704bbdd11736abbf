//! A running `mongod`.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bson::doc;
use mongodb::Client;
use mongodb::options::ClientOptions;

use crate::program::mongod;

/// A script that runs `mongod` until its standard input ends.
///
/// The input ends when the test's process ends, for whatever reason. The script then kills `mongod` without
/// waiting for a shutdown.
const RUN_UNTIL_INPUT_ENDS: &str = r#"
    trap : INT TERM
    "$0" "$@" >/dev/null 2>&1 &
    mongod=$!
    echo $mongod
    cat >/dev/null
    kill -KILL $mongod 2>/dev/null
    wait $mongod 2>/dev/null
    [ -z "$FOLDER_TO_REMOVE" ] || rm -rf "$FOLDER_TO_REMOVE"
"#;

/// The longest time to wait for a server to start or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `mongod`.
#[derive(Debug)]
pub struct Server {
    url: String,
    own: Option<Own>,
}

/// A server that this crate started.
#[derive(Debug)]
struct Own {
    port: u16,
    folder: PathBuf,
    options: Vec<&'static str>,
    /// The shells that started the server. The folder is deleted when the first of them ends.
    shells: Vec<Child>,
    process: String,
}

impl Server {
    /// Starts a replica set of one member for a single test, which may stop it.
    ///
    /// # Panics
    /// If no server is available.
    #[must_use]
    pub fn of_one_test() -> Self {
        Self::start_replica_set()
    }

    /// Returns the connection string, without a database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the connection string with the name of a database.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        with_database(&self.url, database)
    }

    /// Sends the server a signal, such as `-STOP`, `-CONT` or `-KILL`.
    ///
    /// After `-STOP` the server answers no request until `-CONT`.
    ///
    /// # Panics
    /// If this crate did not start the server.
    pub fn signal(&self, signal: &str) {
        let own = self.own.as_ref().expect("the server was not started here");
        let status = Command::new("kill").args([signal, &own.process]).status();
        assert!(status.unwrap().success());
    }

    /// Restarts the server after it was killed, with the data that it had written.
    ///
    /// # Panics
    /// If this crate did not start the server, or if it does not start again.
    pub fn restart(&mut self) {
        let own = self.own.as_mut().expect("the server was not started here");
        block_on(wait_for_end(&own.process));
        let (shell, process) = spawn(own.port, &own.folder, &own.options);
        own.shells.push(shell);
        own.process = process;
        let url = self.url.clone();
        block_on(wait_for(&url));
    }

    pub(crate) fn standalone() -> Self {
        Self::start("", Vec::new())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "which server to use is asked of the environment"
    )]
    pub(crate) fn replica_set() -> Self {
        match env::var("KAIROS_TEST_MONGODB_URL") {
            Ok(url) => {
                block_on(async {
                    // The TTL monitor is off, as in `spawn`. A server that rejects the command may delete
                    // test data once a minute.
                    let admin = client(&url).await.database("admin");
                    let off = doc! { "setParameter": 1, "ttlMonitorEnabled": false };
                    admin.run_command(off).await.ok();
                });
                Self { url, own: None }
            }
            Err(_) => Self::start_replica_set(),
        }
    }

    fn start_replica_set() -> Self {
        let server = Self::start("?replicaSet=kairos", vec!["--replSet", "kairos"]);
        let port = server.own.as_ref().map_or(0, |own| own.port);
        block_on(async {
            let host = format!("127.0.0.1:{port}");
            let direct = format!("mongodb://{host}/?directConnection=true");
            let set = doc! { "_id": "kairos", "members": [{ "_id": 0, "host": host }] };
            let admin = client(&direct).await.database("admin");
            admin.run_command(doc! { "replSetInitiate": set }).await.unwrap();
            wait_for(&server.url).await;
        });
        server
    }

    fn start(options_of_url: &str, options: Vec<&'static str>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("kairos-mongod-")
            .tempdir()
            .unwrap()
            .keep();
        // Another process may take the free port. It would be a different server with a different folder.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let (shell, process) = spawn(port, &folder, &options);
        let direct = format!("mongodb://127.0.0.1:{port}/?directConnection=true");
        block_on(wait_for(&direct));
        Self {
            url: format!("mongodb://127.0.0.1:{port}/{options_of_url}"),
            own: Some(Own {
                port,
                folder,
                options,
                shells: vec![shell],
                process,
            }),
        }
    }
}

/// Inserts the name of a database into a connection string.
pub(crate) fn with_database(url: &str, database: &str) -> String {
    match url.split_once("/?") {
        Some((hosts, options)) => format!("{hosts}/{database}?{options}"),
        None => format!("{}/{database}", url.trim_end_matches('/')),
    }
}

fn spawn(port: u16, folder: &std::path::Path, options: &[&str]) -> (Child, String) {
    let mut shell = Command::new("sh")
        .args(["-c", RUN_UNTIL_INPUT_ENDS])
        .arg(mongod())
        .args(["--bind_ip", "127.0.0.1", "--port", &port.to_string(), "--dbpath"])
        .arg(folder)
        .args(["--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"])
        // The tests use a clock of their own. The server's TTL monitor would follow the real time.
        .args(["--setParameter", "ttlMonitorEnabled=false"])
        // Allows tests to make calls fail.
        .args(["--setParameter", "enableTestCommands=1"])
        .args(options)
        .env("FOLDER_TO_REMOVE", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut process = String::new();
    let output = shell.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut process).unwrap();
    (shell, process.trim().to_owned())
}

/// Waits until a killed process has released its files, which a new one would find locked.
///
/// The process stays a zombie until its parent collects the exit status, so a zombie counts as ended.
async fn wait_for_end(process: &str) {
    let deadline = Instant::now() + PATIENCE;
    let runs = || {
        let state = std::fs::read_to_string(format!("/proc/{process}/stat"));
        state.is_ok_and(|state| !state.contains(") Z "))
    };
    while runs() {
        assert!(Instant::now() < deadline, "mongod did not end");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until a server accepts writes.
async fn wait_for(url: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let hello = client(url)
            .await
            .database("admin")
            .run_command(doc! { "hello": 1 })
            .await;
        let is_up = hello.is_ok_and(|hello| {
            let is_primary = hello.get_bool("isWritablePrimary").unwrap_or(false);
            is_primary || url.contains("directConnection")
        });
        if is_up {
            return;
        }
        assert!(Instant::now() < deadline, "mongod did not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn client(url: &str) -> Client {
    let mut options = ClientOptions::parse(url).await.unwrap();
    options.server_selection_timeout = Some(Duration::from_secs(1));
    Client::with_options(options).unwrap()
}

/// Runs a future on a separate thread, since the caller's thread may belong to a runtime.
pub(crate) fn block_on(work: impl Future<Output = ()> + Send) {
    thread::scope(|scope| {
        let running = scope.spawn(|| {
            let run_time = tokio::runtime::Builder::new_current_thread().enable_all().build();
            run_time.unwrap().block_on(work);
        });
        running.join().unwrap();
    });
}
