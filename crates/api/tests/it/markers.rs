//! Markers on a journey.

use axum::body::Body;
use axum::http::Method;
use serde_json::json;

use crate::it::support::App;

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

#[tokio::test]
async fn a_marker_comes_back_as_it_was_put() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("Danube").await;
    let path = format!("/journeys/{journey}/markers");
    let body = json!({
        "name": "Passau", "marker_type": "plan", "notes": "three rivers", "journey_id": journey.to_uppercase(),
        "coordinates": {"type": "Point", "coordinates": [13.4637, 48.574_823_123_456_7, 312]},
        "timestamp": null, "estimated_time": "2026-06-01T00:00:00+02:00",
        "_id": UNKNOWN, "owner_id": bob.id(), "created_at": "1999-01-01T00:00:00Z",
    });
    let marker = ann.post(&path, body).await.expect(201).json();
    let id = marker["_id"].as_str().unwrap();
    assert_ne!(id, UNKNOWN);
    let expected = json!({
        "_id": id, "journey_id": journey, "owner_id": ann.id(), "name": "Passau", "notes": "three rivers",
        "marker_type": "plan", "timestamp": null, "estimated_time": "2026-06-01", "created_at": "2026-05-15T12:00:00.123Z",
        "coordinates": {"type": "Point", "coordinates": [13.4637, 48.574_823_123_456_7, 312.0]},
    });
    assert_eq!(marker, expected);
    assert_eq!(
        bob.get(&format!("{path}/{id}")).await.expect(200).json(),
        expected
    );
    assert_eq!(bob.get(&path).await.expect(200).json(), json!([expected]));
}

#[tokio::test]
async fn a_marker_needs_little() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let body = json!({"name": "m", "marker_type": "past", "coordinates": {"coordinates": [-180, 90]}});
    let marker = ann
        .post(&format!("/journeys/{journey}/markers"), body)
        .await
        .expect(201)
        .json();
    assert_eq!(
        (&marker["notes"], &marker["timestamp"]),
        (&json!(""), &json!(null))
    );
    assert_eq!(
        marker["coordinates"],
        json!({"type": "Point", "coordinates": [-180.0, 90.0]})
    );
}

#[tokio::test]
async fn a_marker_may_be_written_as_clients_of_the_earlier_service_do() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let path = format!("/journeys/{journey}/markers");
    let body = json!({
        "name": "m", "marker_type": "past", "coordinates": {"coordinates": ["13.43", " 48.57 ", "1e2"]},
        "timestamp": 1_778_284_800, "estimated_time": "1778284800000",
    });
    let marker = ann.post(&path, body).await.expect(201).json();
    assert_eq!(
        (&marker["timestamp"], &marker["estimated_time"]),
        (&json!("2026-05-09"), &json!("2026-05-09"))
    );
    assert_eq!(marker["coordinates"]["coordinates"], json!([13.43, 48.57, 100.0]));
}

#[tokio::test]
async fn a_negative_zero_is_zero_from_the_moment_it_comes_in() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Gulf of Guinea").await;
    let path = format!("/journeys/{journey}/markers");
    let body = r#"{"name": "m", "marker_type": "past", "coordinates": {"coordinates": [-0.0, "-0", -0e5]}}"#;
    let request = ann.request(Method::POST, &path).body(Body::from(body)).unwrap();
    let created = app.send(request).await.expect(201);
    let kept = ann.get(&format!("{path}/{}", created.id())).await.expect(200);
    for answer in [created, kept] {
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(text.contains("[0.0,0.0,0.0]"), "{text}");
    }
    let bob = app.rider("bob").await;
    let near = bob
        .get("/journeys/nearby?longitude=-0.0&latitude=-0&max_distance_meters=-0.0")
        .await
        .expect(200);
    assert_eq!(near.json()[0]["distance_meters"], json!(0.0));
    assert!(!String::from_utf8(near.body.to_vec()).unwrap().contains("-0"));
}

#[tokio::test]
async fn a_marker_is_checked_field_by_field_and_nothing_is_written() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let path = format!("/journeys/{journey}/markers");
    ann.post(&path, json!({})).await.faults(&[
        "missing at body.name",
        "missing at body.marker_type",
        "missing at body.coordinates",
    ]);
    let body = json!({
        "name": 5, "marker_type": "future", "coordinates": {"type": "Polygon", "coordinates": [181, -91, "high"]},
        "timestamp": "2026-02-30", "estimated_time": "2026-06-01T12:00:00Z", "notes": null, "journey_id": UNKNOWN,
    });
    ann.post(&path, body).await.faults(&[
        "string_type at body.name",
        "literal_error at body.marker_type",
        "literal_error at body.coordinates.type",
        "less_than_equal at body.coordinates.coordinates.0",
        "greater_than_equal at body.coordinates.coordinates.1",
        "float_parsing at body.coordinates.coordinates.2",
        "date_from_datetime_parsing at body.timestamp",
        "date_from_datetime_inexact at body.estimated_time",
        "string_type at body.notes",
        "value_error at body.journey_id",
    ]);
    for coordinates in [
        json!(null),
        json!([1, 2]),
        json!("1,2"),
        json!({"coordinates": [1]}),
        json!({"coordinates": {"$gt": 0}}),
    ] {
        let body = json!({"name": "m", "marker_type": "past", "coordinates": coordinates});
        ann.post(&path, body).await.expect(422);
    }
    assert_eq!(ann.get(&path).await.json(), json!([]));
}

#[tokio::test]
async fn markers_come_in_riding_order_whole_or_in_pages() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let path = format!("/journeys/{journey}/markers");
    let put = async |name: &str, kind: &str, field: &str, day: Option<&str>| {
        let body =
            json!({"name": name, "marker_type": kind, "coordinates": {"coordinates": [0, 0]}, field: day});
        ann.post(&path, body).await.expect(201);
    };
    put("7", "plan", "estimated_time", None).await;
    put("5", "plan", "estimated_time", Some("2026-06-01")).await;
    put("6", "plan", "estimated_time", Some("2026-06-09")).await;
    put("3", "past", "timestamp", None).await;
    put("4", "past", "timestamp", None).await;
    put("2", "past", "timestamp", Some("2026-05-09")).await;
    put("1", "past", "timestamp", Some("0001-01-01")).await;
    let names = |json: serde_json::Value| -> String {
        json.as_array()
            .unwrap()
            .iter()
            .map(|marker| marker["name"].as_str().unwrap())
            .collect()
    };
    assert_eq!(names(ann.get(&path).await.expect(200).json()), "1234567");
    for limit in 1..=8 {
        let mut next = Some(format!("{path}?limit={limit}"));
        let mut all = String::new();
        while let Some(page) = next {
            let answer = ann.get(&page).await.expect(200);
            all += &names(answer.json());
            let link = answer
                .header("link")
                .strip_prefix("<")
                .and_then(|link| link.strip_suffix(">; rel=\"next\""));
            next = link.map(|query| format!("{path}{query}"));
        }
        assert_eq!(all, "1234567", "in pages of {limit}");
    }
    ann.get(&format!("{path}?after={UNKNOWN}"))
        .await
        .faults(&["value_error at query.after"]);
}

#[tokio::test]
async fn a_marker_is_replaced_in_full_but_for_what_it_is() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let (journey, other) = (ann.journey("Danube").await, ann.journey("Rhine").await);
    let marker = ann.marker(&journey, "plan", [13.0, 48.0], "2026-06-01").await;
    let path = format!("/journeys/{journey}/markers/{marker}");
    let body = json!({"name": "new", "marker_type": "past", "coordinates": {"coordinates": [14, 49]}, "timestamp": "2026-05-16"});
    app.wait(chrono::TimeDelta::days(1));
    let answer = ann.put(&path, body.clone()).await;
    // The clock has moved beyond the access token.
    answer.refuses(401, "Access token has expired");
    let ann = app.sign_in(ann.email()).await;
    let bob = app.sign_in(bob.email()).await;
    let expected = json!({
        "_id": marker, "journey_id": journey, "owner_id": ann.id(), "name": "new", "notes": "", "marker_type": "past",
        "coordinates": {"type": "Point", "coordinates": [14.0, 49.0]}, "timestamp": "2026-05-16", "estimated_time": null,
        "created_at": "2026-05-15T12:00:00.123Z",
    });
    assert_eq!(ann.put(&path, body.clone()).await.expect(200).json(), expected);
    bob.put(&path, body.clone())
        .await
        .refuses(403, "Not your journey");
    bob.put(&path, json!({})).await.expect(422);
    ann.put(&format!("/journeys/{other}/markers/{marker}"), body.clone())
        .await
        .refuses(404, "Marker not found");
    ann.put(&format!("/journeys/{journey}/markers/{UNKNOWN}"), body.clone())
        .await
        .refuses(404, "Marker not found");
    ann.put(&format!("/journeys/{journey}/markers/x"), body.clone())
        .await
        .refuses(400, "Invalid marker ID format");
    ann.put("/journeys/x/markers/x", body)
        .await
        .refuses(400, "Invalid journey ID format");
}

#[tokio::test]
async fn a_marker_is_reached_through_its_own_journey_only() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let (journey, other) = (ann.journey("Danube").await, bob.journey("Rhine").await);
    let marker = ann.marker(&journey, "plan", [13.0, 48.0], "2026-06-01").await;
    let elsewhere = format!("/journeys/{other}/markers/{marker}");
    bob.get(&elsewhere).await.refuses(404, "Marker not found");
    bob.delete(&elsewhere).await.refuses(404, "Marker not found");
    let path = format!("/journeys/{journey}/markers/{marker}");
    bob.delete(&path).await.refuses(403, "Not your journey");
    ann.delete(&path).await.expect(204);
    ann.delete(&path).await.refuses(404, "Marker not found");
    ann.get(&path).await.refuses(404, "Marker not found");
    let body = json!({"name": "m", "marker_type": "past", "coordinates": {"coordinates": [0, 0]}});
    bob.post(&format!("/journeys/{journey}/markers"), body.clone())
        .await
        .refuses(403, "Not your journey");
    ann.post(&format!("/journeys/{UNKNOWN}/markers"), body)
        .await
        .refuses(404, "Journey not found");
}
