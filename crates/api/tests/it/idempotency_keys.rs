//! Requests that are sent again because an answer was lost.

use axum::http::Method;
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::it::support::{Actor, Answer, App};

const REUSED: &str = "This Idempotency-Key was used for another request";

async fn post(rider: &Actor<'_>, path: &str, key: &str, json: Value) -> Answer {
    rider
        .send(Method::POST, path, &[("idempotency-key", key)], Some(json))
        .await
}

async fn count(rider: &Actor<'_>, list: &str) -> usize {
    rider.get(list).await.expect(200).json().as_array().unwrap().len()
}

fn marker(name: &str) -> Value {
    json!({"name": name, "marker_type": "past", "coordinates": {"coordinates": [0, 0]}})
}

#[tokio::test]
async fn a_repetition_does_nothing_and_gives_the_resource_as_it_is_now() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let body = json!({"name": "Danube"});
    let first = post(&ann, "/journeys/", "k", body.clone()).await.expect(201);
    let again = post(&ann, "/journeys", "k", body.clone()).await.expect(201);
    assert_eq!((again.json(), again.tag()), (first.json(), first.tag()));
    let path = format!("/journeys/{}", first.id());
    let renamed = ann.put(&path, json!({"name": "Donau"})).await.expect(200);
    let again = post(&ann, "/journeys/", "k", body.clone()).await.expect(201);
    assert_eq!((again.json(), again.tag()), (renamed.json(), renamed.tag()));
    assert_eq!(count(&ann, "/users/me/journeys").await, 1);

    let markers = format!("{path}/markers");
    let first = post(&ann, &markers, "m", marker("a")).await.expect(201);
    let again = post(&ann, &markers, "m", marker("a")).await.expect(201);
    assert_eq!(again.json(), first.json());
    assert_eq!(count(&ann, &markers).await, 1);

    // Without a key, the same request is another one.
    for _ in 0..2 {
        ann.post(&markers, marker("a")).await.expect(201);
    }
    assert_eq!(count(&ann, &markers).await, 3);
    ann.delete(&format!("{markers}/{}", first.id())).await.expect(204);
    post(&ann, &markers, "m", marker("a"))
        .await
        .refuses(404, "Marker not found");
    ann.delete(&path).await.expect(204);
    post(&ann, "/journeys/", "k", body)
        .await
        .refuses(404, "Journey not found");
}

#[tokio::test]
async fn a_key_is_good_for_one_request_of_one_rider() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let body = json!({"name": "Danube"});
    let journey = post(&ann, "/journeys/", "k", body.clone()).await.expect(201).id();
    let markers = format!("/journeys/{journey}/markers");
    for (path, other) in [
        ("/journeys/", json!({"name": "Rhine"})),
        ("/journeys/?x=1", body.clone()),
        (&markers, marker("a")),
    ] {
        post(&ann, path, "k", other)
            .await
            .refuses_as(422, "idempotency_key_reused", REUSED);
    }
    let theirs = post(&bob, "/journeys/", "k", body.clone()).await.expect(201);
    assert_ne!(theirs.id(), journey);
    // A key admits nobody.
    post(&bob, &markers, "n", marker("a"))
        .await
        .refuses(403, "Not your journey");
    post(&app.anonymous(), "/journeys/", "k", body.clone())
        .await
        .refuses(401, "Not authenticated");
    assert_eq!(count(&ann, &markers).await, 0);

    // A key is forgotten after a day, and the request is a new one then.
    app.wait(TimeDelta::hours(24) + TimeDelta::seconds(1));
    let ann = app.sign_in(ann.email()).await;
    let new = post(&ann, "/journeys/", "k", json!({"name": "Rhine"}))
        .await
        .expect(201);
    assert_ne!(new.id(), journey);
}

#[tokio::test]
async fn a_refused_request_can_be_mended_under_the_same_key() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    post(&ann, "/journeys/", "k", json!({"name": ""}))
        .await
        .faults(&["string_too_short at body.name"]);
    let both = json!({"name": "Danube", "active": true, "completed": true});
    post(&ann, "/journeys/", "k", both).await.expect(409);
    post(&ann, "/journeys/", "k", json!({"name": "Danube"}))
        .await
        .expect(201);
    assert_eq!(count(&ann, "/users/me/journeys").await, 1);
}

#[tokio::test]
async fn a_key_of_another_form_is_refused_with_everything_else_that_is_wrong() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let longest = "x".repeat(255);
    for key in ["!", "~", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", &longest] {
        post(&ann, "/journeys/", key, json!({"name": "x"}))
            .await
            .expect(201);
    }
    for key in ["", "a b", "a\tb", "ü", &"x".repeat(256)] {
        post(&ann, "/journeys/", key, json!({"name": "x"}))
            .await
            .faults(&["value_error at header.idempotency-key"]);
    }
    post(&ann, "/journeys/", "a b", json!({"active": "yes"}))
        .await
        .faults(&[
            "value_error at header.idempotency-key",
            "missing at body.name",
            "bool_parsing at body.active",
        ]);
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    ann.send(Method::POST, "/journeys/", &twice, Some(json!({"name": "x"})))
        .await
        .faults(&["value_error at header.idempotency-key"]);
    let empty = [("idempotency-key", "a b")];
    ann.send(Method::POST, "/journeys/", &empty, None)
        .await
        .faults(&["value_error at header.idempotency-key", "missing at body"]);
    assert_eq!(count(&ann, "/users/me/journeys").await, 4);
}

#[tokio::test]
async fn one_key_many_times_at_once_acts_once() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let markers = format!("/journeys/{journey}/markers");
    for (path, list, body) in [
        (
            "/journeys/",
            "/users/me/journeys",
            json!({"name": "Rhine", "active": true}),
        ),
        (&*markers, &*markers, marker("a")),
    ] {
        let before = count(&ann, list).await;
        let requests = (0..16).map(|_| post(&ann, path, list, body.clone()));
        let mut made = Vec::new();
        for answer in join_all(requests).await {
            if answer.status == 409 {
                let text = "A request with this Idempotency-Key is still being carried out";
                let busy = answer.refuses_as(409, "idempotency_key_busy", text);
                assert_eq!(busy.header("retry-after"), "1");
            } else {
                made.push(answer.expect(201).json());
            }
        }
        made.dedup();
        assert_eq!(made.len(), 1);
        assert_eq!(count(&ann, list).await, before + 1);
    }
}
