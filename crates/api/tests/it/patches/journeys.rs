use axum::body::Body;
use axum::http::{Method, header};
use serde_json::json;

use super::UNKNOWN;
use crate::it::support::App;

#[tokio::test]
async fn a_patch_sets_what_it_names_of_a_journey() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let body = json!({"name": "Danube", "description": "to the sea"});
    let mut journey = ann.post("/journeys/", body).await.expect(201).json();
    let path = format!("/journeys/{}", journey["_id"].as_str().unwrap());
    for (patch, expected) in [
        (json!({}), json!({})),
        (json!({"name": "Donau"}), json!({"name": "Donau"})),
        (json!({"description": null}), json!({"description": ""})),
        (json!({"visibility": "private"}), json!({"visibility": "private"})),
        (json!({"active": true}), json!({"active": true})),
        (
            json!({"_id": UNKNOWN, "user_id": UNKNOWN, "created_at": "1999-01-01T00:00:00Z", "colour": null}),
            json!({}),
        ),
        (
            json!({"completed": true}),
            json!({"completed": true, "active": false}),
        ),
        (
            json!({"completed": false, "active": true}),
            json!({"completed": false, "active": true}),
        ),
    ] {
        let answer = ann.patch_json(&path, patch).await.expect(200).json();
        for (name, value) in expected.as_object().unwrap() {
            journey[name] = value.clone();
        }
        assert_eq!(answer, journey);
        assert_eq!(ann.get(&path).await.json(), journey);
    }
    // The rider is on one journey at most.
    let other = ann
        .post("/journeys/", json!({"name": "Rhine", "active": true}))
        .await
        .expect(201)
        .id();
    assert_eq!(ann.get(&path).await.json()["active"], false);
    ann.patch_json(&path, json!({"active": true})).await.expect(200);
    assert_eq!(
        ann.get(&format!("/journeys/{other}")).await.json()["active"],
        false
    );
}

#[tokio::test]
async fn a_journey_without_a_patch_is_completed() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    for body in ["", "null", " null "] {
        let journey = ann
            .post("/journeys/", json!({"name": "x", "active": true}))
            .await
            .expect(201)
            .id();
        let path = format!("/journeys/{journey}");
        let request = ann
            .request(Method::PATCH, &path)
            .header(header::CONTENT_TYPE, "application/merge-patch+json");
        let answer = app
            .send(request.body(Body::from(body)).unwrap())
            .await
            .expect(204);
        assert!(answer.body.is_empty());
        let now = ann.get(&path).await.json();
        assert_eq!((&now["completed"], &now["active"]), (&json!(true), &json!(false)));
    }
}

#[tokio::test]
async fn a_patch_of_a_journey_is_checked_and_changes_nothing_then() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann
        .post("/journeys/", json!({"name": "Danube"}))
        .await
        .expect(201);
    let path = format!("/journeys/{}", journey.id());
    let nothing =
        json!({"name": null, "description": 5, "visibility": null, "active": null, "completed": null});
    let faults = [
        "string_type at body.name",
        "string_type at body.description",
        "literal_error at body.visibility",
        "bool_type at body.active",
        "bool_type at body.completed",
    ];
    // The body is looked at before it matters whose journey it is.
    for rider in [&ann, &bob] {
        rider.patch_json(&path, nothing.clone()).await.faults(&faults);
    }
    for patch in [json!([]), json!("x"), json!(true), json!(0)] {
        ann.patch_json(&path, patch)
            .await
            .faults(&["model_attributes_type at body"]);
    }
    let request = ann
        .request(Method::PATCH, &path)
        .header(header::CONTENT_TYPE, "text/plain");
    app.send(request.body(Body::from("{}")).unwrap())
        .await
        .refuses(415, "Content type must be application/json");
    ann.patch_json(&path, json!({"name": "x", "active": true, "completed": true}))
        .await
        .refuses(409, "A completed journey cannot be active");
    bob.patch_json(&path, json!({"name": "Mine"}))
        .await
        .refuses(403, "Not your journey");
    app.anonymous()
        .patch_json(&path, json!({}))
        .await
        .refuses(401, "Not authenticated");
    ann.patch_json("/journeys/x", json!({}))
        .await
        .refuses(400, "Invalid journey ID format");
    ann.patch_json(&format!("/journeys/{UNKNOWN}"), json!({}))
        .await
        .refuses(404, "Journey not found");
    assert_eq!(ann.get(&path).await.json(), journey.json());
}

#[tokio::test]
async fn a_journey_is_switched_on_and_off_by_name_or_the_other_way_round() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let path = format!("/journeys/{}", ann.journey("Danube").await);
    let active = format!("{path}/active");
    for (body, expected) in [
        (json!({"active": false}), false),
        (json!({"active": true}), true),
        (json!({"active": true}), true),
        (json!({}), false),
        (json!({"colour": 1}), true),
        (json!(null), false),
    ] {
        let answer = ann.patch_json(&active, body).await.expect(204);
        assert!(answer.body.is_empty());
        assert_eq!(ann.get(&path).await.json()["active"], expected);
    }
    ann.patch_json(&active, json!({"active": null}))
        .await
        .faults(&["bool_type at body.active"]);
    ann.patch(&path).await.expect(204);
    ann.patch_json(&active, json!({"active": false}))
        .await
        .expect(204);
    ann.patch_json(&active, json!({"active": true}))
        .await
        .refuses(409, "A completed journey cannot be active");
}
