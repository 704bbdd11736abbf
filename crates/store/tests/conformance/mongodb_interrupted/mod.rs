//! An act that is cut off at any command leaves itself done or not done, and nothing in between.
//!
//! The server is told to hang up on one client after so many commands: for the database that is what a kill of the process is.

mod abandoned;
mod contents;
mod deletions;
mod writes;

use std::sync::Arc;
use std::time::Duration;

use bson::{Document, doc};
use kairos_domain::journey::Journey;
use kairos_domain::marker::Marker;
use kairos_domain::store::{
    IdempotencyRecord, MarkerChange, NewSession, StoreError, UserChange, Write, WriteError,
};
use kairos_domain::user::User;
use kairos_store::mongodb::{MongoSettings, MongoStore};
use kairos_test_mongod::{Server, TestDatabase};
use mongodb::Database;

use crate::fixtures::{World, at, day, now};
use crate::mongodb_database::{open, open_hurriedly, settings};
use crate::sessions::rotation;

/// A database with a store that works and one whose client can be cut off.
struct Scene {
    world: World,
    victim: World,
    database: Database,
    // In this order: the database goes before its server.
    _lies_in: TestDatabase,
    _server: Server,
}

const VICTIM: &str = "victim";

impl Scene {
    async fn new() -> Self {
        let server = Server::of_one_test();
        let lies_in = TestDatabase::on(&server);
        let world = World::new(Arc::new(open(&lies_in).await));
        let settings = MongoSettings {
            url: format!("{}&appName={VICTIM}", lies_in.server_url),
            // It tries again until then.
            timeout: Duration::from_millis(300),
            ..settings(&lies_in)
        };
        Self {
            world,
            victim: World::new(Arc::new(open_hurriedly(&settings).await)),
            database: lies_in.database().await,
            _lies_in: lies_in,
            _server: server,
        }
    }

    /// Cuts the victim off after so many commands, or no longer.
    async fn cut_off_after(&self, commands: Option<i32>) {
        let mode = match commands {
            Some(commands) => doc! { "mode": { "skip": commands } },
            None => doc! { "mode": "off" },
        };
        let mut fail = doc! { "configureFailPoint": "failCommand" };
        fail.extend(mode);
        let commands = [
            "find",
            "insert",
            "update",
            "delete",
            "findAndModify",
            "aggregate",
            "commitTransaction",
            "abortTransaction",
        ];
        let commands = commands.map(bson::Bson::from).to_vec();
        fail.insert(
            "data",
            doc! { "failCommands": commands, "closeConnection": true, "appName": VICTIM },
        );
        let admin = self.database.client().database("admin");
        admin.run_command(fail).await.unwrap();
    }

    /// What a killed process leaves open the server ends after a minute. Here nobody waits for that.
    async fn end_what_is_open(&self) {
        let admin = self.database.client().database("admin");
        admin.run_command(doc! { "killAllSessions": [] }).await.unwrap();
    }

    /// Cuts an act off after each number of commands, from none until all. Each time something new is made
    /// for it. `is_done` says whether all of it is done; it fails when a part is.
    async fn cut_off_after_each_command<T>(
        &self,
        make: impl AsyncFn(&World) -> T,
        act: impl AsyncFn(&World, &T) -> Result<(), WriteError>,
        is_done: impl AsyncFn(&World, &T) -> bool,
    ) {
        for commands in 0.. {
            let made = make(&self.world).await;
            self.cut_off_after(Some(commands)).await;
            let outcome = act(&self.victim, &made).await;
            self.cut_off_after(None).await;
            self.end_what_is_open().await;
            let is_done = is_done(&self.world, &made).await;
            self.world.check().await;
            match outcome {
                Ok(()) => {
                    assert!(is_done);
                    assert!(commands >= 3, "there was nothing to cut off");
                    return;
                }
                Err(WriteError::Store(StoreError::Unavailable(_))) => {}
                Err(error) => panic!("after {commands} commands: {error}"),
            }
            if !is_done {
                act(&self.world, &made).await.unwrap();
                self.world.check().await;
            }
        }
    }

    /// How many documents name an id in a field.
    async fn documents_with(&self, collection: &str, field: &str, id: kairos_domain::id::ObjectId) -> u64 {
        let id = bson::oid::ObjectId::from_bytes(id.bytes());
        let collection = self.database.collection::<Document>(collection);
        collection.count_documents(doc! { field: id }).await.unwrap()
    }
}

struct Rider {
    user: User,
    journey: Journey,
    marker: Marker,
    session: NewSession,
}

/// A rider with a journey of two dated markers.
async fn rider(world: &World) -> Rider {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let marker = world.plan(&journey, at(10.0, 20.0), day(0)).await;
    world.plan(&journey, at(10.0, 21.0), day(20)).await;
    let session = world.session(&user).await;
    Rider {
        user,
        journey,
        marker,
        session,
    }
}

/// A write under a key that names what it makes.
fn keyed(world: &World, rider: &User, id: kairos_domain::id::ObjectId) -> Write {
    Write {
        is_limited: true,
        key: Some(IdempotencyRecord {
            key: id.to_string(),
            request: [7; 32],
            status: 201,
            ids: vec![id],
        }),
        ..world.write(rider.id)
    }
}

async fn has_key(world: &World, rider: &User, id: kairos_domain::id::ObjectId) -> bool {
    let key = id.to_string();
    let record = world.store.idempotency_record(rider.id, &key, now()).await;
    record.unwrap().is_some()
}

fn unwrapped(outcome: Result<(), StoreError>) -> Result<(), WriteError> {
    outcome.map_err(WriteError::from)
}
