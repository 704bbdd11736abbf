//! A database of the version before transactions, whose fields and collections are as that version wrote
//! them.

use std::collections::BTreeSet;

use super::itineraries::{DAY, met_at, plan};
use super::*;

/// A journey that was drawn.
fn drawn() -> Document {
    doc! { "active": false, "completed": false, "visibility": "public", "description": "",
    "has_track": true, "track_revision": 3_i64, "drawn_revision": 3_i64 }
}

/// A marker that its journey's itinerary has followed.
fn tracked(number: i64, longitude: f64) -> Document {
    let mut marker = plan(number, longitude);
    marker.extend(doc! {
        "estimated_time": date((20_000 + number) * DAY),
        "timestamp": Bson::Null, "name": "Camp", "notes": "", "changes": 1_i64, "cells": [1_i64, 2_i64],
    });
    marker
}

async fn fill(existing: &Existing) -> (UserId, [JourneyId; 3], MarkerId) {
    let ann = UserId(
        existing
            .add(
                "users",
                doc! {
                    "email": "Ann@example.org", "email_key": "ann@example.org", "email_key_is_unique": true,
                    "name": "Ann", "password": "$2b$12$hash", "is_verified": true, "credential_version": 2_i64,
                    "phonenumber": Bson::Null, "instagram": Bson::Null, "country": Bson::Null,
                },
            )
            .await,
    );
    let journey = existing.journey(ann, drawn()).await;
    for (number, longitude) in [(2, 10.0), (4, 14.0)] {
        existing.marker(journey, tracked(number, longitude)).await;
    }
    // A marker was removed, and the process ended before the itinerary had followed.
    let behind = existing.journey(ann, drawn()).await;
    existing.marker(behind, tracked(2, 10.0)).await;
    let mut removed = tracked(4, 14.0);
    removed.extend(
        doc! { "is_being_deleted": true, "is_untracked": true, "cells": "nowhere", "changes": 2_i64 },
    );
    let removed = existing.marker(behind, removed).await;
    // Its deletion was interrupted.
    let mut half_deleted = drawn();
    half_deleted.insert("is_being_deleted", true);
    let half_deleted = existing.journey(ann, half_deleted).await;
    existing.marker(half_deleted, tracked(2, 10.0)).await;
    let segment = doc! {
        "_id": { "journey_id": oid(journey.0), "span": 317 }, "revision": 3_i64, "day_cells": [1_i64],
    };
    let segments = existing.database.collection::<Document>("track_segments");
    segments.insert_one(segment).await.unwrap();
    for (collection, keys, name) in [
        ("markers", doc! { "cells": 1 }, "by_cells"),
        ("journeys", doc! { "has_track": 1, "_id": 1 }, "without_track"),
    ] {
        let options = mongodb::options::IndexOptions::builder().name(name.to_owned());
        let index = mongodb::IndexModel::builder().keys(keys).options(options.build());
        let collection = existing.database.collection::<Document>(collection);
        collection.create_index(index.build()).await.unwrap();
    }
    (ann, [journey, behind, half_deleted], removed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_version_before_is_migrated_at_a_start() {
    let existing = Existing::new().await;
    let (ann, [journey, behind, half_deleted], removed) = fill(&existing).await;
    let world = existing.start_and_migrate().await;
    assert_eq!(logs_in(&world, "ann@example.org").await, Some(ann));
    assert_eq!(
        world.store.user(ann).await.unwrap().unwrap().credential_version,
        2
    );
    assert_eq!(met_at(&world, 12.0).await, BTreeSet::from([journey]));
    assert_eq!(met_at(&world, 10.0).await, BTreeSet::from([journey, behind]));
    assert_eq!(world.store.journey(half_deleted, ann).await.unwrap(), None);
    assert_eq!(world.store.marker(behind, removed).await.unwrap(), None);
    while world.store.delete_next_batch().await.unwrap() {}
    world.check().await;

    let fields = existing.document("journeys", journey.0).await;
    for old in ["has_track", "track_revision", "drawn_revision"] {
        assert!(!fields.contains_key(old), "{old}");
    }
    let markers = existing.database.collection::<Document>("markers");
    for old in ["cells", "changes", "is_untracked", "is_being_deleted"] {
        let with = markers.count_documents(doc! { old: { "$exists": true } });
        assert_eq!(with.await.unwrap(), 0, "{old}");
    }
    let collections = existing.database.list_collection_names().await.unwrap();
    assert!(!collections.iter().any(|name| name == "track_segments"));
    for collection in ["markers", "journeys"] {
        let collection = existing.database.collection::<Document>(collection);
        let names = collection.list_index_names().await.unwrap();
        assert!(
            !names
                .iter()
                .any(|name| name == "by_cells" || name == "without_track"),
            "{names:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_deleted_account_of_the_version_before_is_removed() {
    let existing = Existing::new().await;
    let (ann, journeys, _) = fill(&existing).await;
    let mark = doc! { "$set": { "is_being_deleted": true }, "$unset": { "email_key": "", "email_key_is_unique": "" } };
    existing.change("users", ann.0, mark).await;
    let world = existing.start_and_migrate().await;
    let reader = world.rider().await;
    for journey in journeys {
        assert_eq!(world.store.journey(journey, reader.id).await.unwrap(), None);
    }
    assert_eq!(logs_in(&world, "ann@example.org").await, None);
    while world.store.delete_next_batch().await.unwrap() {}
    for collection in ["journeys", "markers", "itinerary_spans"] {
        let left = existing.database.collection::<Document>(collection);
        assert_eq!(left.count_documents(doc! {}).await.unwrap(), 0, "{}", left.name());
    }
    world.check().await;
}
