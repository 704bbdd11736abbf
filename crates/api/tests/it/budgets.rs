//! How much a rider may keep, and how often they may write.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::it::support::{Actor, App};

/// 40 000 bytes, as many as fit into one text.
fn long_text() -> String {
    "🚲".repeat(10_000)
}

fn long_marker() -> Value {
    json!({"name": "m", "marker_type": "past", "coordinates": {"coordinates": [0, 0]}, "notes": long_text()})
}

/// Fills a journey up to less than 40 000 bytes below its bound of 8 MiB. Returns its id.
async fn full_journey(rider: &Actor<'_>) -> String {
    let journey = rider.journey("full").await;
    for _ in 0..11 {
        let batch = (0..19).map(|_| async {
            rider
                .post(&format!("/journeys/{journey}/markers"), long_marker())
                .await
                .expect(201);
        });
        futures_util::future::join_all(batch).await;
    }
    journey
}

#[tokio::test]
async fn a_journey_holds_eight_mebibytes_of_text() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = full_journey(&ann).await;
    let path = format!("/journeys/{journey}");
    let markers = format!("{path}/markers");
    let full = |answer: crate::it::support::Answer| {
        answer.refuses_as(409, "journey_full", "The journey holds too much text");
    };
    full(ann.post(&markers, long_marker()).await);
    full(ann.patch_json(&path, json!({"description": long_text()})).await);
    full(
        ann.put(&path, json!({"name": "full", "description": long_text()}))
            .await,
    );
    let first = ann.get(&format!("{markers}?limit=1")).await.json()[0]["_id"].clone();
    let marker = format!("{markers}/{}", first.as_str().unwrap());
    // A change that adds nothing is never refused.
    ann.put(&marker, long_marker()).await.expect(200);
    ann.patch_json(&marker, json!({"notes": null})).await.expect(200);
    ann.post(&markers, long_marker()).await.expect(201);
    full(ann.patch_json(&marker, json!({"notes": long_text()})).await);
    full(ann.put(&marker, long_marker()).await);
    ann.delete(&marker).await.expect(204);
}

#[tokio::test]
async fn an_account_that_is_not_verified_holds_32_mebibytes() {
    let app = App::start_with(|settings| settings.rate_limit = false).await;
    let eve = app.unverified_rider("eve").await;
    let mut journeys = Vec::new();
    for _ in 0..4 {
        journeys.push(full_journey(&eve).await);
    }
    let last = eve.journey("last").await;
    let markers = format!("/journeys/{last}/markers");
    // Four journeys have left room for two texts together.
    for _ in 0..2 {
        eve.post(&markers, long_marker()).await.expect(201);
    }
    eve.post(&markers, long_marker())
        .await
        .refuses_as(409, "account_full", "Your account is full");
    let described = json!({"name": "x", "description": long_text()});
    eve.post("/journeys/", described.clone())
        .await
        .refuses_as(409, "account_full", "Your account is full");
    eve.patch_json(&format!("/journeys/{last}"), described)
        .await
        .refuses_as(409, "account_full", "Your account is full");
    eve.delete(&format!("/journeys/{}", journeys[0]))
        .await
        .expect(204);
    eve.post(&markers, long_marker()).await.expect(201);
}

#[tokio::test]
async fn six_hundred_writes_a_minute_are_enough() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("Danube").await;
    let path = format!("/journeys/{journey}");
    for _ in 1..600 {
        ann.patch(&format!("{path}/active")).await.expect(204);
    }
    // What changes nothing, and what is refused, is no write.
    let body = json!({"name": "m", "marker_type": "past", "coordinates": {"coordinates": [0, 0]}});
    ann.patch_json(&path, json!({})).await.expect(200);
    let mut seconds = 0;
    for answer in [
        ann.patch(&format!("{path}/active")).await,
        ann.patch(&path).await,
        ann.put(&path, json!({"name": "Donau"})).await,
        ann.post("/journeys/", json!({"name": "Rhine"})).await,
        ann.post(&format!("{path}/markers"), body).await,
        ann.put(&format!("/users/{}", ann.id()), json!({"name": "Ann"}))
            .await,
        ann.delete(&path).await,
    ] {
        let answer = answer.refuses_as(429, "rate_limited", "Too many writes, please try again later");
        seconds = answer.header("retry-after").parse().unwrap();
        assert!(seconds > 0);
    }
    ann.get(&path).await.expect(200);
    bob.journey("Rhine").await;
    app.wait(TimeDelta::seconds(seconds));
    ann.delete(&path).await.expect(204);
}
