//! Journeys of many markers, and migrations that fail.

use super::*;

const MARKERS: u64 = 2_500;

impl Existing {
    /// A journey of more markers than a start migrates.
    async fn large_journey(&self, user_id: UserId) -> JourneyId {
        let journey = self.journey(user_id, doc! {}).await;
        let markers = (0..i64::try_from(MARKERS).unwrap()).map(|number| {
            doc! {
                "journey_id": oid(journey.0), "marker_type": "plan", "name": "Camp",
                "estimated_time": date((20_000 + number % 90) * 86_400_000),
                "coordinates": { "type": "Point", "coordinates": [10.0, 50.0] },
            }
        });
        let collection = self.database.collection::<Document>("markers");
        collection.insert_many(markers).await.unwrap();
        journey
    }

    async fn count(&self, collection: &str, filter: Document) -> u64 {
        let collection = self.database.collection::<Document>(collection);
        collection.count_documents(filter).await.unwrap()
    }

    /// Makes commands of the store fail, or no longer.
    async fn fail(&self, commands: &[&str], is_on: bool) {
        let fail = doc! {
            "configureFailPoint": "failCommand",
            "mode": if is_on { "alwaysOn" } else { "off" },
            "data": { "failCommands": commands, "errorCode": 20, "appName": "kairos" },
        };
        let admin = self.database.client().database("admin");
        admin.run_command(fail).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_succeeds_where_no_journey_can_be_migrated() {
    let server = Server::of_one_test();
    let existing = Existing::on(&server).await;
    let ann = existing.user("ann@example.org", true).await;
    let journey = existing.journey(ann, doc! {}).await;
    existing.marker(journey, doc! {}).await;
    existing.fail(&["commitTransaction"], true).await;
    let world = existing.start().await;
    assert_eq!(logs_in(&world, "ann@example.org").await, Some(ann));
    assert_eq!(world.own_journey(journey, ann).await.id, journey);
    assert!(migrate(&world).await.is_err());
    existing.fail(&["commitTransaction"], false).await;
    world.migrate().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_markers_of_a_large_journey_stay_migrated_if_its_transaction_fails() {
    let server = Server::of_one_test();
    let existing = Existing::on(&server).await;
    let ann = existing.user("ann@example.org", true).await;
    let large = existing.large_journey(ann).await;
    let world = existing.start().await;
    let derived = doc! { "derived.cells": { "$ne": Bson::Null } };
    assert_eq!(
        existing.count("markers", derived.clone()).await,
        0,
        "a start leaves large journeys to the maintenance"
    );
    existing.fail(&["commitTransaction"], true).await;
    assert!(migrate(&world).await.is_err());
    assert_eq!(existing.count("markers", derived.clone()).await, MARKERS);
    let migrated = doc! { "is_derived": true };
    assert_eq!(existing.count("journeys", migrated.clone()).await, 0);
    existing.fail(&["commitTransaction"], false).await;
    let small = existing.journey(ann, doc! {}).await;
    existing.marker(small, doc! {}).await;
    world.migrate().await;
    assert_eq!(existing.count("journeys", migrated).await, 2);
    assert_eq!(existing.count("markers", derived).await, MARKERS + 1);
    let usage = existing.document("users", ann.0).await;
    let usage = usage.get_document("usage").unwrap();
    assert_eq!(usage.get_i64("journeys").unwrap(), 2);
    assert_eq!(world.own_journey(large, ann).await.id, large);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_to_a_large_journey_migrates_its_markers_before_the_transaction() {
    let server = Server::of_one_test();
    let existing = Existing::on(&server).await;
    let ann = existing.user("ann@example.org", true).await;
    let large = existing.large_journey(ann).await;
    let world = existing.start().await;
    let marker = world.new_marker(&world.own_journey(large, ann).await, at(10.0, 20.0));
    existing.fail(&["commitTransaction"], true).await;
    let refused = world.store.insert_marker(&marker, &world.write(ann)).await;
    assert!(refused.is_err());
    let derived = doc! { "derived.cells": { "$ne": Bson::Null } };
    assert_eq!(existing.count("markers", derived.clone()).await, MARKERS);
    existing.fail(&["commitTransaction"], false).await;
    world
        .store
        .insert_marker(&marker, &world.write(ann))
        .await
        .unwrap();
    assert_eq!(existing.count("markers", derived).await, MARKERS + 1);
    assert_eq!(existing.count("journeys", doc! { "is_derived": true }).await, 1);
    world.check().await;
}

/// Migrates until nothing is left.
async fn migrate(world: &World) -> Result<(), StoreError> {
    while world.store.migrate_next_batch().await? {}
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn journeys_that_always_fail_do_not_hold_up_others() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    // Nothing can be counted in a text.
    for _ in 0..25 {
        let journey = existing.journey(ann, doc! { "usage": "much" }).await;
        existing.marker(journey, doc! {}).await;
    }
    let journey = existing.journey(ann, doc! {}).await;
    existing.marker(journey, doc! {}).await;
    let world = existing.start().await;
    for _ in 0..2 {
        let failed = migrate(&world).await.unwrap_err().to_string();
        assert!(failed.contains("25 journeys could not be migrated"), "{failed}");
        assert_eq!(
            existing.document("journeys", journey.0).await["is_derived"],
            Bson::from(true)
        );
    }
}
