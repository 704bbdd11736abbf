use std::time::Duration;

use bson::oid::ObjectId;
use bson::{Bson, Document, doc};
use kairos_test_lambda::{HttpRequest, scheduled_event};
use kairos_test_mongod::TestDatabase;
use tokio::runtime::Runtime;

use super::Deployed;

const JOURNEYS: usize = 400;
const MARKERS_A_JOURNEY: usize = 50;

/// Too little for so many journeys. The function reserves a second of it for its answer.
const LITTLE_TIME: Duration = Duration::from_millis(1_500);

/// Writes what the earlier service does: a rider's journeys, with markers in the middle of Ulm.
async fn write_as_the_earlier_service(database: &TestDatabase) {
    let database = database.database().await;
    let rider = ObjectId::new();
    let user = doc! { "_id": rider, "email": "old@example.org", "name": "Old", "password": "x", "is_verified": true };
    let users = database.collection::<Document>("users");
    users.insert_one(user).await.unwrap();
    let created_at = bson::DateTime::from_millis(1_600_000_000_000);
    let (mut journeys, mut markers) = (Vec::new(), Vec::new());
    for _ in 0..JOURNEYS {
        let id = ObjectId::new();
        journeys.push(doc! { "_id": id, "user_id": rider, "name": "Old road", "created_at": created_at });
        let marker = doc! {
            "journey_id": id, "marker_type": "plan", "created_at": created_at,
            "coordinates": { "type": "Point", "coordinates": [9.99, 48.4] },
        };
        markers.extend(vec![marker; MARKERS_A_JOURNEY]);
    }
    for (name, documents) in [("markers", markers), ("journeys", journeys)] {
        let collection = database.collection::<Document>(name);
        collection.insert_many(documents).await.unwrap();
    }
}

/// How many journeys have yet to be migrated.
async fn left(database: &TestDatabase) -> u64 {
    let journeys = database.database().await.collection::<Document>("journeys");
    let left = journeys.count_documents(doc! { "is_derived": Bson::Null });
    left.await.unwrap()
}

#[test]
fn scheduled_events_migrate_what_the_earlier_service_has_written_as_far_as_each_comes() {
    let mut deployed = Deployed::start();
    deployed.register("ann");
    let run_time = Runtime::new().unwrap();
    run_time.block_on(write_as_the_earlier_service(&deployed.database));
    // On a busy machine, the first may come to nothing.
    let mut journeys = JOURNEYS as u64;
    let mut time = LITTLE_TIME;
    while journeys == JOURNEYS as u64 {
        let answered = deployed.function.invoke_within(time, &scheduled_event());
        time += Duration::from_millis(100);
        assert!(answered.outcome.is_ok(), "{answered:?}");
        journeys = run_time.block_on(left(&deployed.database));
    }
    assert!(0 < journeys && journeys < JOURNEYS as u64, "{journeys}");
    while run_time.block_on(left(&deployed.database)) > 0 {
        deployed.schedule();
    }
    let log = deployed.function.log();
    assert!(log.contains("continuing with the next scheduled event"), "{log}");
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
