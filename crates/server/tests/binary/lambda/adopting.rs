use std::time::Duration;

use bson::oid::ObjectId;
use bson::{Bson, Document, doc};
use kairos_test_lambda::{HttpRequest, scheduled_event};
use kairos_test_mongod::TestDatabase;
use tokio::runtime::Runtime;

use super::Deployed;

const MARKERS: usize = 20_000;

/// Too little for so many markers: of it, the function keeps a second for its answer.
const LITTLE_TIME: Duration = Duration::from_millis(1_500);

/// What the earlier service writes: a rider's journey, and markers in the middle of Ulm.
async fn write_as_the_earlier_service(database: &TestDatabase) {
    let database = database.database().await;
    let (rider, journey) = (ObjectId::new(), ObjectId::new());
    let user = doc! { "_id": rider, "email": "old@example.org", "name": "Old", "password": "x", "is_verified": true };
    let users = database.collection::<Document>("users");
    users.insert_one(user).await.unwrap();
    let created_at = bson::DateTime::from_millis(1_600_000_000_000);
    let document = doc! { "_id": journey, "user_id": rider, "name": "Old road", "created_at": created_at };
    let journeys = database.collection::<Document>("journeys");
    journeys.insert_one(document).await.unwrap();
    let marker = doc! {
        "journey_id": journey, "marker_type": "plan", "created_at": created_at,
        "coordinates": { "type": "Point", "coordinates": [9.99, 48.4] },
    };
    let markers = database.collection::<Document>("markers");
    markers.insert_many(vec![marker; MARKERS]).await.unwrap();
}

/// How many markers and journeys are yet to be adopted.
async fn left(database: &TestDatabase) -> (u64, u64) {
    let database = database.database().await;
    let markers = database.collection::<Document>("markers");
    let journeys = database.collection::<Document>("journeys");
    (
        markers
            .count_documents(doc! { "cells": Bson::Null })
            .await
            .unwrap(),
        journeys
            .count_documents(doc! { "has_track": Bson::Null })
            .await
            .unwrap(),
    )
}

#[test]
fn scheduled_events_adopt_what_the_earlier_service_has_written_as_far_as_each_comes() {
    let mut deployed = Deployed::start();
    deployed.register("ann");
    let run_time = Runtime::new().unwrap();
    run_time.block_on(write_as_the_earlier_service(&deployed.database));
    // On a busy machine, the first may come to nothing.
    let mut markers = MARKERS as u64;
    for _ in 0..10 {
        if markers < MARKERS as u64 {
            break;
        }
        let answered = deployed.function.invoke_within(LITTLE_TIME, &scheduled_event());
        assert!(answered.outcome.is_ok(), "{answered:?}");
        (markers, _) = run_time.block_on(left(&deployed.database));
    }
    assert!(0 < markers && markers < MARKERS as u64, "{markers}");
    for _ in 0..10 {
        if run_time.block_on(left(&deployed.database)) == (0, 0) {
            break;
        }
        deployed.schedule();
    }
    assert_eq!(run_time.block_on(left(&deployed.database)), (0, 0));
    let log = deployed.function.log();
    assert!(log.contains("go on with the next scheduled event"), "{log}");
    let form = "username=ann@example.org&password=on+two+wheels";
    let log_in =
        HttpRequest::new("POST", "/api/v1/auth/token").body("application/x-www-form-urlencoded", form);
    let token = deployed.send(&log_in).json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let near = HttpRequest::new("GET", "/api/v1/journeys/nearby?longitude=9.99&latitude=48.4")
        .header("authorization", &format!("Bearer {token}"));
    let answer = deployed.send(&near);
    assert!(answer.text().contains("Old road"), "{}", answer.text());
}
