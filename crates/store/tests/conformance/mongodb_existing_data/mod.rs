//! A database that the earlier service has written is served as it is.

mod accounts;
mod journeys_and_markers;
mod tracks;

use std::sync::Arc;

use bson::oid::ObjectId as Oid;
use bson::{Bson, Document, doc};
use chrono::NaiveDate;
use kairos_domain::email_address::EmailKey;
use kairos_domain::id::{JourneyId, MarkerId, ObjectId, UserId};
use kairos_domain::journey::{JourneyStatus, Visibility};
use kairos_domain::mail::MailKind;
use kairos_domain::marker::MarkerKind;
use kairos_domain::store::{JourneyUpdate, NearbySearch, Page, ProfileUpdate, Store, StoreError, Unique};
use kairos_domain::text::Name;
use kairos_domain::user::Contact;
use kairos_test_mongod::{TestDatabase, standalone};
use mongodb::Database;

use crate::mongodb_database::open;
use crate::world::{World, at, now};

/// A database as the earlier service would leave it.
struct Existing {
    lies_in: TestDatabase,
    database: Database,
}

impl Existing {
    async fn new() -> Self {
        let lies_in = TestDatabase::on(standalone());
        let database = lies_in.database().await;
        Self { lies_in, database }
    }

    async fn start(&self) -> World {
        World::new(Arc::new(open(&self.lies_in).await))
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
}

fn oid(id: ObjectId) -> Oid {
    Oid::from_bytes(id.bytes())
}

fn date(millis: i64) -> Bson {
    bson::DateTime::from_millis(millis).into()
}

fn update(world: &World, email: Option<&str>) -> ProfileUpdate {
    ProfileUpdate {
        name: Name::parse("Anna").unwrap(),
        contact: Contact::default(),
        email: email.map(|email| kairos_domain::email_address::EmailAddress::parse(email).unwrap()),
        verify_mail: kairos_domain::id::MailId(world.id()),
        notice_mail: kairos_domain::id::MailId(world.id()),
        now: now(),
    }
}

async fn logs_in(world: &World, email: &str) -> Option<UserId> {
    let user = world.store.user_by_email(&EmailKey::of(email)).await.unwrap();
    user.map(|user| user.id)
}
