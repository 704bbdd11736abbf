//! Journeys: making, changing, being on one, finishing.

use kairos_domain::journey::Visibility;
use serde_json::json;

use crate::it::support::App;

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

#[tokio::test]
async fn a_journey_is_made_with_what_is_given_and_nothing_that_may_not_be_set() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let body = json!({
        "name": "Danube", "_id": UNKNOWN, "created_at": "1999-01-01T00:00:00Z", "owner_id": UNKNOWN, "colour": "blue",
        "user_id": ann.id().to_uppercase(),
    });
    let journey = ann.post("/journeys/", body).await.expect(201).json();
    assert_ne!(journey["_id"], UNKNOWN);
    let expected = json!({
        "_id": journey["_id"], "user_id": ann.id(), "name": "Danube", "description": "",
        "created_at": "2026-05-15T12:00:00.123Z", "active": false, "completed": false, "visibility": "public",
    });
    assert_eq!(journey, expected);
    let path = format!("/journeys/{}", journey["_id"].as_str().unwrap());
    assert_eq!(
        app.rider("bob").await.get(&path).await.expect(200).json(),
        expected
    );
}

#[tokio::test]
async fn the_operator_says_who_sees_a_journey_that_says_nothing() {
    let app = App::start_with(|settings| settings.default_visibility = Visibility::Private).await;
    let ann = app.rider("ann").await;
    for (body, expected) in [
        (json!({"name": "x"}), "private"),
        (json!({"name": "x", "visibility": "public"}), "public"),
    ] {
        let journey = ann.post("/journeys/", body).await.expect(201).json();
        assert_eq!(journey["visibility"], expected);
    }
}

#[tokio::test]
async fn a_journey_is_checked_field_by_field() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let body = json!({
        "name": "x".repeat(201), "description": "x".repeat(10_001), "active": "yes", "completed": null,
        "visibility": "secret", "user_id": "me",
    });
    ann.post("/journeys/", body).await.faults(&[
        "string_too_long at body.name",
        "string_too_long at body.description",
        "bool_parsing at body.active",
        "bool_type at body.completed",
        "literal_error at body.visibility",
        "value_error at body.user_id",
    ]);
    ann.post("/journeys/", json!({}))
        .await
        .faults(&["missing at body.name"]);
    ann.post("/journeys/", json!({"name": "x", "user_id": UNKNOWN}))
        .await
        .refuses(403, "Not your account");
    let both = json!({"name": "x", "active": true, "completed": true});
    ann.post("/journeys/", both)
        .await
        .refuses(409, "A completed journey cannot be active");
    assert_eq!(
        ann.get(&format!("/users/{}/journeys", ann.id())).await.json(),
        json!([])
    );
    let at_the_limits = json!({"name": "é".repeat(200), "description": "🚲".repeat(10_000)});
    ann.post("/journeys/", at_the_limits).await.expect(201);
}

#[tokio::test]
async fn a_private_journey_does_not_exist_for_others_by_any_door() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let body = json!({"name": "Secret", "visibility": "private", "active": true});
    let journey = ann.post("/journeys/", body).await.expect(201).id();
    let marker = ann.marker(&journey, "plan", [16.4, 48.2], "2026-06-01").await;
    let marker_body = json!({"name": "m", "marker_type": "past", "coordinates": {"coordinates": [0, 0]}});
    let path = format!("/journeys/{journey}");
    let at = |rest: &str| format!("{path}{rest}");
    for answer in [
        bob.get(&path).await,
        bob.put(&path, json!({"name": "Mine"})).await,
        bob.patch(&path).await,
        bob.patch(&at("/active")).await,
        bob.delete(&path).await,
        bob.post(&at("/markers"), marker_body.clone()).await,
        bob.get(&at("/markers")).await,
        bob.get(&at(&format!("/markers/{marker}"))).await,
        bob.put(&at(&format!("/markers/{marker}")), marker_body).await,
        bob.delete(&at(&format!("/markers/{marker}"))).await,
        bob.get(&at("/stats")).await,
        bob.patch_json(&path, json!({})).await,
        bob.patch_json(&at(&format!("/markers/{marker}")), json!({}))
            .await,
        bob.get(&at("/journeys/nearby")).await,
        bob.get(&at("/nearby")).await,
        bob.get(&at("/encounters")).await,
    ] {
        answer.refuses(404, "Journey not found");
    }
    assert_eq!(
        bob.get("/journeys/nearby?longitude=16.4&latitude=48.2")
            .await
            .json(),
        json!([])
    );
    ann.get(&path).await.expect(200);
    assert_eq!(ann.get(&at("/markers")).await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_journey_is_changed_by_its_owner_and_absent_fields_stay() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let body = json!({"name": "Danube", "description": "to the sea", "active": true});
    let before = ann.post("/journeys/", body).await.expect(201).json();
    let path = format!("/journeys/{}", before["_id"].as_str().unwrap());
    let after = ann
        .put(
            &path,
            json!({"name": "Donau", "active": false, "user_id": bob.id()}),
        )
        .await
        .expect(200)
        .json();
    let mut expected = before;
    expected["name"] = json!("Donau");
    assert_eq!(after, expected);
    let done = ann
        .put(&path, json!({"name": "Donau", "completed": true}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&done["completed"], &done["active"]),
        (&json!(true), &json!(false))
    );
    let again = ann
        .put(&path, json!({"name": "Donau", "completed": false}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&again["completed"], &again["active"]),
        (&json!(false), &json!(false))
    );

    bob.put(&path, json!({"name": "Mine"}))
        .await
        .refuses(403, "Not your journey");
    bob.put(&path, json!({})).await.faults(&["missing at body.name"]);
    bob.put("/journeys/x", json!({}))
        .await
        .refuses(400, "Invalid journey ID format");
    ann.put(&path, json!({"name": null, "visibility": null}))
        .await
        .faults(&["string_type at body.name", "literal_error at body.visibility"]);
    ann.put(&format!("/journeys/{UNKNOWN}"), json!({"name": "x"}))
        .await
        .refuses(404, "Journey not found");
}

#[tokio::test]
async fn a_completed_journey_is_never_active() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann
        .post("/journeys/", json!({"name": "Danube", "active": true}))
        .await
        .expect(201)
        .id();
    let path = format!("/journeys/{journey}");
    bob.patch(&path).await.refuses(403, "Not your journey");
    assert!(ann.patch(&path).await.expect(204).body.is_empty());
    ann.patch(&path).await.expect(204);
    let done = ann.get(&path).await.json();
    assert_eq!(
        (&done["completed"], &done["active"]),
        (&json!(true), &json!(false))
    );
    let answer = ann.patch(&format!("{path}/active")).await;
    answer.refuses(409, "A completed journey cannot be active");
    ann.patch(&format!("/journeys/{UNKNOWN}"))
        .await
        .refuses(404, "Journey not found");
}

#[tokio::test]
async fn at_most_one_journey_of_a_rider_is_active() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let first = ann
        .post("/journeys/", json!({"name": "first", "active": true}))
        .await
        .expect(201)
        .id();
    let second = ann
        .post("/journeys/", json!({"name": "second", "active": true}))
        .await
        .expect(201)
        .id();
    let active = async |id: &str| ann.get(&format!("/journeys/{id}")).await.json()["active"] == true;
    assert_eq!((active(&first).await, active(&second).await), (false, true));
    ann.patch(&format!("/journeys/{first}/active")).await.expect(204);
    assert_eq!((active(&first).await, active(&second).await), (true, false));
    ann.patch(&format!("/journeys/{first}/active")).await.expect(204);
    assert_eq!((active(&first).await, active(&second).await), (false, false));
    bob.patch(&format!("/journeys/{first}/active"))
        .await
        .refuses(403, "Not your journey");
    ann.patch("/journeys/x/active")
        .await
        .refuses(400, "Invalid journey ID format");
    ann.patch(&format!("/journeys/{UNKNOWN}/active"))
        .await
        .refuses(404, "Journey not found");
}

#[tokio::test]
async fn toggles_at_once_all_succeed_and_leave_at_most_one_active() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let mut journeys = Vec::new();
    for name in ["a", "b", "c"] {
        journeys.push(ann.journey(name).await);
    }
    let toggles = (0..21).map(|n| {
        let path = format!("/journeys/{}/active", journeys[n % 3]);
        let ann = &ann;
        async move { ann.patch(&path).await }
    });
    for answer in futures_util::future::join_all(toggles).await {
        answer.expect(204);
    }
    let all = ann.get(&format!("/users/{}/journeys", ann.id())).await.json();
    let active = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|journey| journey["active"] == true)
        .count();
    assert!(active <= 1, "{all}");
}

#[tokio::test]
async fn a_deleted_journey_takes_its_markers_with_it() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("Danube").await;
    let marker = ann.marker(&journey, "past", [16.4, 48.2], "2026-05-01").await;
    let path = format!("/journeys/{journey}");
    bob.delete(&path).await.refuses(403, "Not your journey");
    assert!(ann.delete(&path).await.expect(204).body.is_empty());
    ann.delete(&path).await.refuses(404, "Journey not found");
    ann.get(&format!("{path}/markers"))
        .await
        .refuses(404, "Journey not found");
    ann.get(&format!("{path}/markers/{marker}"))
        .await
        .refuses(404, "Journey not found");
    assert_eq!(
        bob.get("/journeys/nearby?longitude=16.4&latitude=48.2")
            .await
            .json(),
        json!([])
    );
}

#[tokio::test]
async fn a_rider_has_at_most_a_thousand_journeys() {
    let app = App::start_with(|settings| settings.rate_limit = false).await;
    let ann = app.rider("ann").await;
    for _ in 0..50 {
        let batch = (0..20).map(|_| ann.journey("one more"));
        futures_util::future::join_all(batch).await;
    }
    let answer = ann.post("/journeys/", json!({"name": "too many"})).await;
    answer.refuses_as(409, "too_many_journeys", "A rider can have at most 1000 journeys");
}
