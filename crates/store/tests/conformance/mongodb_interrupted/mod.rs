//! An act of several steps that is killed between any two of them leaves what reads well, and what a retry completes.
//!
//! The server is told to hang up on one client after so many commands: for the database that is what a kill of the process is.

mod deletions;
mod tracks;
mod writes;

use std::sync::Arc;

use bson::{Document, doc};
use kairos_domain::id::JourneyId;
use kairos_domain::journey::{Journey, JourneyStatus};
use kairos_domain::mail::MailKind;
use kairos_domain::marker::Marker;
use kairos_domain::password::PasswordHash;
use kairos_domain::store::{
    Journeys as _, NearbySearch, NewSession, PasswordChange, RotationOutcome, Store, StoreError, Unique,
};
use kairos_domain::user::User;
use kairos_store::mongodb::{MongoSettings, MongoStore};
use kairos_test_mongod::{Server, TestDatabase};
use mongodb::Database;

use crate::mongodb_database::{open, settings};
use crate::sessions::rotation;
use crate::world::{World, at, now};

/// A database with a store that works and one whose client can be cut off.
struct Scene {
    world: World,
    victim: MongoStore,
    database: Database,
    // In this order: the database goes before its server.
    lies_in: TestDatabase,
    _server: Server,
}

const VICTIM: &str = "victim";

impl Scene {
    async fn new() -> Self {
        let server = Server::of_one_test();
        let lies_in = TestDatabase::on(&server);
        let world = World::new(Arc::new(open(&lies_in).await));
        let settings = MongoSettings {
            url: format!("{}?appName={VICTIM}", lies_in.server_url),
            ..settings(&lies_in)
        };
        Self {
            world,
            victim: MongoStore::open(&settings).await.unwrap(),
            database: lies_in.database().await,
            lies_in,
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
        fail.insert(
            "data",
            doc! {
                "failCommands": ["find", "insert", "update", "delete", "findAndModify", "aggregate"],
                "closeConnection": true,
                "appName": VICTIM,
            },
        );
        let admin = self.database.client().database("admin");
        admin.run_command(fail).await.unwrap();
    }

    /// Kills an act after each number of steps, from none until all. Each time something new is made for it; what is left must read
    /// well, and the act, tried again by somebody else, must complete it.
    async fn kill_after_each_step<T>(
        &self,
        make: impl AsyncFn(&World) -> T,
        act: impl AsyncFn(&dyn Store, &T) -> Result<(), StoreError>,
        reads_well: impl AsyncFn(&World, &T),
        is_complete: impl AsyncFn(&World, &T),
    ) {
        for steps in 0.. {
            let made = make(&self.world).await;
            self.cut_off_after(Some(steps)).await;
            let outcome = act(&self.victim, &made).await;
            self.cut_off_after(None).await;
            match outcome {
                Ok(()) => {
                    is_complete(&self.world, &made).await;
                    assert!(steps >= 2, "there was nothing to interrupt");
                    return;
                }
                Err(StoreError::Unavailable(_)) => {}
                Err(error) => panic!("after {steps} steps: {error}"),
            }
            reads_well(&self.world, &made).await;
            act(&*self.world.store, &made).await.unwrap();
            self.world.store.finish_interrupted_acts().await.unwrap();
            self.world.store.renew_tracks().await.unwrap();
            is_complete(&self.world, &made).await;
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

async fn rider(world: &World) -> Rider {
    let user = world.rider().await;
    let journey = world
        .journey_with(&user, |journey| journey.status = JourneyStatus::Active)
        .await;
    // Each in a place of their own.
    let longitude = f64::from(u32::try_from(world.number() % 3_000).unwrap()) / 10.0 - 150.0;
    let marker = world.marker(&journey, at(longitude, 20.0)).await;
    let session = world.session(&user).await;
    Rider {
        user,
        journey,
        marker,
        session,
    }
}

async fn is_near(world: &World, marker: &Marker) -> bool {
    let search = NearbySearch {
        origins: vec![marker.details.position],
        around: None,
        radius_metres: 10.0,
        except_owner: kairos_domain::id::UserId(world.id()),
        include_completed: true,
        limit: 10,
    };
    let found = world.store.journeys_within(&search).await.unwrap();
    found.iter().any(|found| found.marker_id == marker.id)
}

async fn active(world: &World, user: &User) -> Option<JourneyId> {
    let active = world.journeys_of(user).await;
    let mut active = active
        .iter()
        .filter(|journey| journey.status == JourneyStatus::Active);
    let first = active.next().map(|journey| journey.id);
    assert!(active.next().is_none(), "two journeys are active");
    let told = world.store.active_journey(user.id).await.unwrap();
    assert_eq!(told.map(|journey| journey.id), first);
    first
}
