//! An act of several steps that is killed between any two of them leaves what reads well, and what a retry completes.
//!
//! The server is told to hang up on one client after so many commands: for the database that is what a kill of the process is.

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

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_account_shows_all_of_it_or_nothing() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            rider,
            async |store, rider| store.delete_user_with_everything(rider.user.id).await.map(drop),
            async |world, rider| {
                let is_there = world.store.user(rider.user.id).await.unwrap().is_some();
                let key = rider.user.email.key();
                assert_eq!(world.store.user_by_email(&key).await.unwrap().is_some(), is_there);
                let journey = world.store.journey(rider.journey.id).await.unwrap();
                assert_eq!(journey.is_some(), is_there);
                assert_eq!(is_near(world, &rider.marker).await, is_there);
            },
            async |world, rider| {
                let id = rider.user.id.0;
                assert_eq!(scene.documents_with("users", "_id", id).await, 0);
                assert_eq!(scene.documents_with("journeys", "user_id", id).await, 0);
                assert_eq!(scene.documents_with("markers", "owner_id", id).await, 0);
                assert_eq!(scene.documents_with("sessions", "user_id", id).await, 0);
                let again = world.user(rider.user.email.as_str());
                let mail = world.mail_to(&again, MailKind::VerifyEmail);
                world.store.register_user(&again, &mail).await.unwrap();
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_deletion_is_finished_without_its_rider() {
    let scene = Scene::new().await;
    let rider = rider(&scene.world).await;
    scene.cut_off_after(Some(1)).await;
    let outcome = scene.victim.delete_journey_with_markers(rider.journey.id).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))));
    scene.cut_off_after(None).await;
    assert_eq!(
        scene
            .documents_with("markers", "journey_id", rider.journey.id.0)
            .await,
        1
    );
    assert_eq!(scene.world.store.finish_interrupted_acts().await.unwrap(), 1);
    assert_eq!(
        scene
            .documents_with("markers", "journey_id", rider.journey.id.0)
            .await,
        0
    );
    assert_eq!(
        scene.documents_with("journeys", "_id", rider.journey.id.0).await,
        0
    );
    assert_eq!(scene.world.store.finish_interrupted_acts().await.unwrap(), 0);
    assert_eq!(scene.lies_in.name, scene.database.name());
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_journey_shows_all_of_it_or_nothing() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            rider,
            async |store, rider| {
                store
                    .delete_journey_with_markers(rider.journey.id)
                    .await
                    .map(drop)
            },
            async |world, rider| {
                let is_there = world.store.journey(rider.journey.id).await.unwrap().is_some();
                assert_eq!(is_near(world, &rider.marker).await, is_there);
                assert_eq!(world.journeys_of(&rider.user).await.len(), usize::from(is_there));
                let counted = world.store.count_journeys(rider.user.id).await.unwrap();
                assert_eq!(counted, u64::from(is_there));
                assert_eq!(active(world, &rider.user).await.is_some(), is_there);
            },
            async |_, rider| {
                let id = rider.journey.id.0;
                assert_eq!(scene.documents_with("journeys", "_id", id).await, 0);
                assert_eq!(scene.documents_with("markers", "journey_id", id).await, 0);
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn activating_a_journey_never_leaves_two() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            async |world| {
                let rider = rider(world).await;
                let other = world.journey(&rider.user).await;
                (rider, other)
            },
            async |store, (_, other)| store.toggle_active_journey(other.id).await.map(drop),
            async |world, (rider, other)| {
                assert_ne!(active(world, &rider.user).await, Some(other.id));
            },
            async |world, (rider, other)| {
                assert_eq!(active(world, &rider.user).await, Some(other.id));
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_active_journey_never_leaves_two() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            async |world| {
                let rider = rider(world).await;
                let mut journey = world.new_journey(&rider.user);
                journey.status = JourneyStatus::Active;
                (rider, journey)
            },
            async |store, (_, journey)| match store.insert_journey(journey).await {
                // It was killed after the journey was there.
                Ok(true) | Err(StoreError::Conflict(Unique::Id)) => Ok(()),
                Ok(false) => panic!("the rider is there"),
                Err(error) => Err(error),
            },
            async |world, (rider, _)| {
                active(world, &rider.user).await;
            },
            async |world, (rider, journey)| {
                let active = active(world, &rider.user).await;
                assert!(active.is_none_or(|active| active == journey.id));
                assert!(world.store.journey(journey.id).await.unwrap().is_some());
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_and_its_mail_come_together() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            async |world| {
                let user = world.user(&format!("new{}@example.org", world.number()));
                let mail = world.mail_to(&user, MailKind::VerifyEmail);
                (user, mail)
            },
            async |store, (user, mail)| match store.register_user(user, mail).await {
                Err(StoreError::Conflict(_)) => Ok(()),
                outcome => outcome,
            },
            async |world, (user, mail)| {
                let is_there = world.store.user(user.id).await.unwrap().is_some();
                assert_eq!(has_mail(world, mail.id).await, is_there);
            },
            async |world, (user, mail)| {
                assert!(world.store.user(user.id).await.unwrap().is_some());
                assert!(has_mail(world, mail.id).await);
            },
        )
        .await;
}

async fn has_mail(world: &World, id: kairos_domain::id::MailId) -> bool {
    let mails = world.store.lease_due_mails(now(), now(), 1000).await.unwrap();
    mails.iter().any(|mail| mail.id == id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_outdates_the_sessions_at_once() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            rider,
            async |store, rider| {
                let change = PasswordChange {
                    user_id: rider.user.id,
                    expected_version: 0,
                    password: PasswordHash::stored("$2b$12$new".to_owned()),
                };
                // Not changed by this one: it was killed after the change.
                store.change_password(&change).await.map(drop)
            },
            async |world, rider| {
                // The sessions' tokens name the version, so that one that is still there is of no use.
                let user = world.store.user(rider.user.id).await.unwrap().unwrap();
                let is_changed = user.password.as_str() == "$2b$12$new";
                assert_eq!(user.credential_version, u32::from(is_changed));
                if !is_changed {
                    let rotation = rotation(world, &rider.session);
                    let outcome = world.store.rotate_refresh_token(&rotation).await.unwrap();
                    assert_eq!(outcome, RotationOutcome::Rotated);
                }
            },
            async |world, rider| {
                let user = world.store.user(rider.user.id).await.unwrap().unwrap();
                assert_eq!(user.credential_version, 1);
            },
        )
        .await;
}
