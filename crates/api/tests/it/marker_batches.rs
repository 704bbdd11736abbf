//! Markers in batches: all or nothing, in order, and once.

use axum::http::Method;
use serde_json::{Value, json};

use crate::it::support::{Actor, Answer, App};

const UNKNOWN: &str = "665f1c2ab8e4d90012a4c7e3";

fn marker(name: &str) -> Value {
    json!({"name": name, "marker_type": "plan", "coordinates": {"coordinates": [13.4, 48.5]}})
}

fn with_id(id: &str, mut marker: Value) -> Value {
    marker["_id"] = id.into();
    marker
}

async fn post(rider: &Actor<'_>, journey: &str, key: &str, batch: Value) -> Answer {
    let path = format!("/journeys/{journey}/markers/batch");
    rider
        .send(Method::POST, &path, &[("idempotency-key", key)], Some(batch))
        .await
}

async fn names(rider: &Actor<'_>, journey: &str) -> Vec<String> {
    let list = rider
        .get(&format!("/journeys/{journey}/markers"))
        .await
        .expect(200)
        .json();
    let names = list.as_array().unwrap().iter();
    names
        .map(|marker| marker["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The ids and the states of the results.
fn results(answer: Answer) -> Vec<(String, String)> {
    let results = answer.expect(200).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let results = results["results"].as_array().unwrap().iter();
    results
        .map(|result| (text(&result["_id"]), text(&result["status"])))
        .collect()
}

fn states(results: &[(String, String)]) -> Vec<&str> {
    results.iter().map(|(_, status)| status.as_str()).collect()
}

#[tokio::test]
async fn a_batch_adds_changes_and_removes_in_order() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let batch = format!("/journeys/{journey}/markers/batch");
    let first = ann
        .post(&batch, json!({"put": [marker("a"), marker("b"), marker("c")]}))
        .await;
    let first = results(first);
    assert_eq!(states(&first), ["created", "created", "created"]);
    assert_eq!(names(&ann, &journey).await, ["a", "b", "c"]);
    let [(a, _), (b, _), (c, _)] = first.as_slice() else {
        panic!("{first:?}")
    };

    let second = json!({
        "put": [marker("e"), with_id(a, marker("a")), with_id(&b.to_uppercase(), marker("B")), marker("d")],
        "delete": [c],
    });
    let second = results(ann.post(&batch, second).await);
    assert_eq!(
        states(&second),
        ["created", "unchanged", "updated", "created", "deleted"]
    );
    assert_eq!([&second[1].0, &second[2].0, &second[4].0], [a, b, c]);
    // New markers of a day come behind those that were there, in order of the batch.
    assert_eq!(names(&ann, &journey).await, ["a", "B", "e", "d"]);
    let e = ann
        .get(&format!("/journeys/{journey}/markers/{}", second[0].0))
        .await
        .expect(200);
    assert_eq!(e.json()["owner_id"], ann.id());

    assert_eq!(results(ann.post(&batch, json!({})).await), []);
}

#[tokio::test]
async fn five_hundred_markers_keep_their_order_within_their_days() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let put: Vec<_> = (0..500)
        .map(|number| {
            let mut marker = marker(&number.to_string());
            marker["estimated_time"] = format!("2026-06-0{}", 1 + number % 5).into();
            marker
        })
        .collect();
    let batch = format!("/journeys/{journey}/markers/batch");
    let made = results(ann.post(&batch, json!({"put": put})).await);
    assert!(made.is_sorted(), "the ids ascend");
    let expected = (0..5).flat_map(|day| (0..100).map(move |number| (5 * number + day).to_string()));
    assert_eq!(names(&ann, &journey).await, Vec::from_iter(expected));
}

#[tokio::test]
async fn one_fault_leaves_everything_as_it_is_and_all_faults_are_named() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let batch = format!("/journeys/{journey}/markers/batch");
    let a = results(ann.post(&batch, json!({"put": [marker("a")]})).await)
        .remove(0)
        .0;
    let other = ann.journey("Rhine").await;
    let elsewhere = ann.marker(&other, "plan", [0.0, 0.0], "2026-06-01").await;
    ann.post(
        &batch,
        json!({
            "put": [
                marker("b"),
                with_id(&a, json!({"name": "", "coordinates": {"coordinates": [200, 0]}})),
                7,
                with_id("x", marker("c")),
            ],
            "delete": [a, 7, "y"],
        }),
    )
    .await
    .faults(&[
        "string_too_short at body.put.1.name",
        "missing at body.put.1.marker_type",
        "less_than_equal at body.put.1.coordinates.coordinates.0",
        "model_attributes_type at body.put.2",
        "value_error at body.put.3._id",
        "string_type at body.delete.1",
        "value_error at body.delete.2",
    ]);
    ann.post(
        &batch,
        json!({"put": [with_id(&a, marker("b")), with_id(&a, marker("c")), marker("d")], "delete": [a]}),
    )
    .await
    .faults(&["value_error at body.put.1._id", "value_error at body.delete.0"]);
    // A marker of another journey, of another rider or of nobody is unknown alike.
    ann.post(
        &batch,
        json!({
            "put": [with_id(&elsewhere, marker("b")), marker("c"), with_id(UNKNOWN, marker("d"))],
            "delete": [a, "665f1c2ab8e4d90012a4c7e4"],
        }),
    )
    .await
    .faults(&[
        "unknown_marker at body.put.0._id",
        "unknown_marker at body.put.2._id",
        "unknown_marker at body.delete.1",
    ]);
    for (body, fault) in [
        (json!({"put": marker("a")}), "list_type at body.put"),
        (json!({"delete": "a"}), "list_type at body.delete"),
        (
            json!({"put": vec![marker("a"); 1000], "delete": [a]}),
            "too_long at body.put",
        ),
        (json!({"delete": vec![UNKNOWN; 1001]}), "too_long at body.delete"),
    ] {
        ann.post(&batch, body).await.faults(&[fault]);
    }
    ann.post(&batch, json!([]))
        .await
        .faults(&["model_attributes_type at body"]);
    let mut ridden = marker("b");
    ridden["marker_type"] = "past".into();
    ridden["timestamp"] = "2026-05-17".into();
    ann.post(&batch, json!({"put": [marker("c"), ridden]}))
        .await
        .faults(&["value_error at body.put.1.timestamp"]);
    assert_eq!(names(&ann, &journey).await, ["a"]);
}

#[tokio::test]
async fn only_the_owner_puts_a_batch() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("Danube").await;
    let batch = format!("/journeys/{journey}/markers/batch");
    let a = ann.marker(&journey, "plan", [0.0, 0.0], "2026-06-01").await;
    for body in [
        json!({"put": [marker("b")]}),
        json!({"delete": [a]}),
        json!({"delete": [UNKNOWN]}),
    ] {
        bob.post(&batch, body.clone())
            .await
            .refuses(403, "Not your journey");
        app.anonymous()
            .post(&batch, body)
            .await
            .refuses(401, "Not authenticated");
    }
    // The form is judged before the ownership, the ids after it.
    bob.post(&batch, json!({"put": [{}]})).await.expect(422);
    ann.put(
        &format!("/journeys/{journey}"),
        json!({"name": "Danube", "visibility": "private"}),
    )
    .await
    .expect(200);
    bob.post(&batch, json!({"delete": [a]}))
        .await
        .refuses(404, "Journey not found");
    ann.post(&format!("/journeys/{UNKNOWN}/markers/batch"), json!({}))
        .await
        .refuses(404, "Journey not found");
    ann.post("/journeys/x/markers/batch", json!({}))
        .await
        .refuses(400, "Invalid journey ID format");
    assert_eq!(names(&ann, &journey).await, ["plan 2026-06-01"]);
}

#[tokio::test]
async fn a_repeated_batch_does_nothing_and_gives_the_same_ids() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let kept = ann.marker(&journey, "plan", [0.0, 0.0], "2026-06-01").await;
    let batch = json!({"put": [marker("a"), with_id(&kept, marker("k")), marker("b")]});
    let first = results(post(&ann, &journey, "k", batch.clone()).await);
    assert_eq!(states(&first), ["created", "updated", "created"]);
    let ids = |results: &[(String, String)]| Vec::from_iter(results.iter().map(|(id, _)| id.clone()));
    let again = results(post(&ann, &journey, "k", batch.clone()).await);
    assert_eq!(ids(&again), ids(&first));
    assert_eq!(states(&again), ["unchanged"; 3]);

    let path = format!("/journeys/{journey}/markers/{}", first[0].0);
    ann.delete(&path).await.expect(204);
    ann.put(&format!("/journeys/{journey}/markers/{kept}"), marker("changed"))
        .await
        .expect(200);
    let again = results(post(&ann, &journey, "k", batch.clone()).await);
    assert_eq!(states(&again), ["deleted", "unchanged", "unchanged"]);
    assert_eq!(names(&ann, &journey).await, ["changed", "b"]);
    post(&ann, &journey, "k", json!({"put": [marker("z")]}))
        .await
        .refuses(422, "This Idempotency-Key was used for another request");

    // A batch that changes nothing keeps its key, too.
    let same = json!({"put": [with_id(&kept, marker("changed"))]});
    assert_eq!(
        states(&results(post(&ann, &journey, "u", same.clone()).await)),
        ["unchanged"]
    );
    ann.put(&format!("/journeys/{journey}/markers/{kept}"), marker("later"))
        .await
        .expect(200);
    assert_eq!(
        states(&results(post(&ann, &journey, "u", same).await)),
        ["unchanged"]
    );
    assert_eq!(names(&ann, &journey).await, ["later", "b"]);

    // A refused batch can be mended and sent again under its key.
    post(&ann, &journey, "r", json!({"delete": [UNKNOWN]}))
        .await
        .expect(422);
    post(&ann, &journey, "r", json!({"delete": [kept]}))
        .await
        .expect(200);
    post(&ann, &journey, "k\u{e9}", json!({"put": [{}]}))
        .await
        .faults(&[
            "value_error at header.idempotency-key",
            "missing at body.put.0.name",
            "missing at body.put.0.marker_type",
            "missing at body.put.0.coordinates",
        ]);
}

#[tokio::test]
async fn bounds_are_judged_by_what_is_left_after_a_batch() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let batch = format!("/journeys/{journey}/markers/batch");
    let mut last = Vec::new();
    for _ in 0..10 {
        last = results(ann.post(&batch, json!({"put": vec![marker("a"); 1000]})).await);
    }
    ann.post(&batch, json!({"put": [marker("b")]})).await.refuses_as(
        409,
        "too_many_markers",
        "A journey can have at most 10000 markers",
    );
    let swap = json!({"put": [marker("b")], "delete": [last[0].0]});
    assert_eq!(
        states(&results(ann.post(&batch, swap).await)),
        ["created", "deleted"]
    );
    let more = json!({"put": [marker("b"), marker("c")], "delete": [last[1].0]});
    ann.post(&batch, more).await.expect(409);
}
