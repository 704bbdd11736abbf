//! A database that the earlier service, or an earlier version of Kairos, has written is served as it is.

mod accounts;
mod earlier_version;
mod itineraries;
mod journeys_and_markers;
mod large_journeys;
mod lines;
mod races;
mod searches_and_pages;

use std::sync::Arc;

use bson::oid::ObjectId as Oid;
use bson::{Bson, Document, doc};
use chrono::NaiveDate;
use kairos_domain::email_address::{EmailAddress, EmailKey};
use kairos_domain::id::{JourneyId, MarkerId, ObjectId, UserId};
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::marker::MarkerKind;
use kairos_domain::store::{Around, NearbySearch, Page, Registered, StoreError, Unique, WriteError};
use kairos_domain::text::Name;
use kairos_domain::user::{Contact, User};
use kairos_store::administration::AdminStore;
use kairos_test_mongod::{Server, TestDatabase, replica_set};
use mongodb::Database;

use crate::fixtures::{World, at};
use crate::mongodb_database::open;

/// A database as the earlier service would leave it.
struct Existing {
    lies_in: TestDatabase,
    database: Database,
}

impl Existing {
    async fn new() -> Self {
        Self::on(replica_set()).await
    }

    async fn on(server: &Server) -> Self {
        let lies_in = TestDatabase::on(server);
        let database = lies_in.database().await;
        Self { lies_in, database }
    }

    async fn start(&self) -> World {
        World::new(Arc::new(open(&self.lies_in).await))
    }

    /// Starts, and migrates whatever the start's share of time did not suffice for.
    async fn start_and_migrate(&self) -> World {
        let world = self.start().await;
        world.migrate().await;
        world
    }

    async fn add(&self, collection: &str, mut document: Document) -> ObjectId {
        let id = *document
            .entry("_id".to_owned())
            .or_insert_with(|| Oid::new().into())
            .as_object_id()
            .as_ref()
            .unwrap();
        self.database
            .collection::<Document>(collection)
            .insert_one(document)
            .await
            .unwrap();
        ObjectId::from_bytes(id.bytes())
    }

    async fn user(&self, email: &str, is_verified: bool) -> UserId {
        let user =
            doc! { "email": email, "name": "Ann", "password": "$2b$12$hash", "is_verified": is_verified };
        UserId(self.add("users", user).await)
    }

    async fn journey(&self, user_id: UserId, fields: Document) -> JourneyId {
        let mut journey =
            doc! { "user_id": oid(user_id.0), "name": "Old road", "created_at": date(1_600_000_000_000) };
        journey.extend(fields);
        JourneyId(self.add("journeys", journey).await)
    }

    async fn marker(&self, journey_id: JourneyId, fields: Document) -> MarkerId {
        let mut marker = doc! {
            "journey_id": oid(journey_id.0), "marker_type": "plan", "created_at": date(1_600_000_000_000),
            "coordinates": { "type": "Point", "coordinates": [10.0, 50.0] },
        };
        marker.extend(fields);
        MarkerId(self.add("markers", marker).await)
    }

    async fn document(&self, collection: &str, id: ObjectId) -> Document {
        let collection = self.database.collection::<Document>(collection);
        collection
            .find_one(doc! { "_id": oid(id) })
            .await
            .unwrap()
            .unwrap()
    }

    /// Changes a document behind everybody's back, as the earlier service does.
    async fn change(&self, collection: &str, id: ObjectId, change: Document) {
        let collection = self.database.collection::<Document>(collection);
        let changed = collection
            .update_one(doc! { "_id": oid(id) }, change)
            .await
            .unwrap();
        assert_eq!(changed.matched_count, 1);
    }
}

impl World {
    /// Migrates everything.
    async fn migrate(&self) {
        while self.store.migrate_next_batch().await.unwrap() {}
    }

    /// A journey as its rider sees it.
    async fn own_journey(&self, id: JourneyId, rider: UserId) -> Journey {
        self.store.journey(id, rider).await.unwrap().unwrap()
    }
}

fn oid(id: ObjectId) -> Oid {
    Oid::from_bytes(id.bytes())
}

fn date(millis: i64) -> Bson {
    bson::DateTime::from_millis(millis).into()
}

async fn logs_in(world: &World, email: &str) -> Option<UserId> {
    let user = world.store.user_by_email(&EmailKey::of(email)).await.unwrap();
    user.map(|user| user.id)
}

/// What somebody else finds where the markers of these tests are.
async fn near(store: &dyn AdminStore, user: UserId) -> Vec<MarkerId> {
    let search = NearbySearch {
        around: Around::Point(at(10.0, 50.0)),
        radius_metres: 1_000.0,
        reader: user,
        except_owner: user,
        include_completed: true,
        limit: 100,
    };
    let found = store.nearby(&search).await.unwrap();
    found.into_iter().map(|found| found.marker_id).collect()
}
