//! Tracks that grow by positions.

use axum::http::Method;
use serde_json::{Value, json};

use crate::it::support::App;

#[tokio::test]
async fn a_track_grows_by_positions_and_a_repetition_changes_nothing() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let track = format!("/journeys/{}/track", ann.journey("Equator").await);
    let path = format!("{track}/positions");
    let at = |longitude: f64, time: &str| json!({"coordinates": [longitude, 0.0], "time": time});
    // A segment needs two positions.
    let first = json!([at(7.0, "2026-05-01T08:00:00Z")]);
    let added = ann.post(&path, first.clone()).await.expect(200).json();
    assert_eq!(added, json!({"added": 1, "unchanged": 0, "rejected": []}));
    ann.get(&track).await.refuses(404, "No track");
    let added = ann.post(&path, first).await.expect(200).json();
    assert_eq!(added, json!({"added": 0, "unchanged": 1, "rejected": []}));

    let more = json!({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"time": "2026-05-01T10:00:00+02:00"},
            "geometry": {"type": "Point", "coordinates": [9.0, 0.0]}},
        {"type": "Feature", "properties": {"time": "2026-05-01T12:00:00.5+02:00"},
            "geometry": {"type": "Point", "coordinates": [7.2, 0.0, 300]}},
        {"type": "Feature", "properties": {"time": "2026-05-01T09:00:00Z"},
            "geometry": {"type": "Point", "coordinates": [7.1, 0.0]}},
        {"type": "Feature", "properties": {"time": "2026-05-03T09:00:00Z"},
            "geometry": {"type": "Point", "coordinates": [8.0, 0.0]}},
    ]});
    let added = ann.post(&path, more.clone()).await.expect(200).json();
    assert_eq!(added, json!({"added": 3, "unchanged": 1, "rejected": []}));
    let got = ann.get(&track).await.expect(200).json();
    assert_eq!(
        got["geometry"]["coordinates"],
        json!([[[7, 0], [7.1, 0], [7.2, 0, 300]]])
    );
    let times = json!([[
        "2026-05-01T08:00:00.000Z",
        "2026-05-01T09:00:00.000Z",
        "2026-05-01T10:00:00.500Z"
    ]]);
    assert_eq!(got["properties"]["times"], times);
    let again = ann.post(&path, more).await.expect(200).json();
    assert_eq!(again, json!({"added": 0, "unchanged": 4, "rejected": []}));

    let rejected = json!([
        at(7.0, "1989-12-31T23:59:59Z"), at(7.0, "2026-05-17T00:00:00Z"), at(0.0, "2026-05-04T00:00:00Z"),
        at(200.0, "2026-05-04T00:00:00Z"), at(7.0, "yesterday"), {"coordinates": [7, 0]}, 7, null,
        {"time": "2026-05-04T00:00:00Z"}, {"coordinates": {"type": "LineString", "coordinates": []}, "time": "x"},
        at(8.1, "2026-05-03T09:01:00Z"),
    ]);
    let answer = ann.post(&path, rejected).await.expect(200).json();
    let reasons: Vec<_> = answer["rejected"].as_array().unwrap().iter().collect();
    assert_eq!(
        reasons
            .iter()
            .map(|it| it["index"].as_u64().unwrap())
            .collect::<Vec<_>>(),
        Vec::from_iter(0..10)
    );
    assert_eq!(reasons[0]["reason"], "the time is before 1990");
    assert_eq!(reasons[1]["reason"], "the time is after tomorrow");
    assert_eq!(reasons[2]["reason"], "the position is at exactly 0/0");
    assert_eq!(reasons[5]["reason"], "the time is missing");
    assert_eq!((&answer["added"], &answer["unchanged"]), (&json!(1), &json!(0)));
    let got = ann.get(&track).await.expect(200).json();
    assert_eq!(got["geometry"]["coordinates"][1], json!([[8, 0], [8.1, 0]]));
}

#[tokio::test]
async fn positions_of_another_form_are_refused_and_a_key_adds_them_once() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let track = format!("/journeys/{}/track", ann.journey("Equator").await);
    let path = format!("{track}/positions");
    let at = |minute: usize| json!({"coordinates": [7, 0], "time": format!("2026-05-01T{:02}:{:02}:00Z", minute / 60, minute % 60)});
    for body in [json!(7), json!({}), json!({"features": 7})] {
        ann.post(&path, body).await.faults(&["list_type at body"]);
    }
    let many: Vec<_> = (0..1001).map(at).collect();
    ann.post(&path, json!(many)).await.faults(&["too_long at body"]);
    ann.post(&path, json!(null)).await.expect(422);
    ann.post_empty(&path).await.faults(&["missing at body"]);
    ann.send_file(Method::POST, &path, &[("content-type", "application/json")], "[")
        .await
        .faults(&["json_invalid at body"]);
    ann.send_file(Method::POST, &path, &[("content-type", "text/csv")], "7,0")
        .await
        .expect(415);
    ann.get(&track).await.refuses(404, "No track");

    let positions = json!([at(0), at(1), at(2), {}]);
    let post = async |body: Value| {
        ann.send(Method::POST, &path, &[("idempotency-key", "k")], Some(body))
            .await
    };
    assert_eq!(post(positions.clone()).await.expect(200).json()["added"], 3);
    ann.delete(&track).await.expect(204);
    let again = post(positions).await.expect(200).json();
    assert_eq!((&again["added"], &again["unchanged"]), (&json!(0), &json!(3)));
    assert_eq!(again["rejected"][0]["index"], 3);
    ann.get(&track).await.refuses(404, "No track");
    post(json!([]))
        .await
        .refuses(422, "This Idempotency-Key was used for another request");
}

#[tokio::test]
async fn a_track_grows_up_to_its_bounds() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let track = format!("/journeys/{}/track", ann.journey("Equator").await);
    // 19 700 km from Greenwich eastwards, one position a second.
    let coordinates: Vec<_> = (0..2_000)
        .map(|step| json!([f64::from(step) * 0.0885, 0.0]))
        .collect();
    let times: Vec<_> = (0..2_000)
        .map(|second| {
            format!(
                "2026-05-01T{:02}:{:02}:{:02}Z",
                second / 3600,
                second / 60 % 60,
                second % 60
            )
        })
        .collect();
    let line = json!({
        "type": "Feature", "properties": {"times": [times]},
        "geometry": {"type": "MultiLineString", "coordinates": [coordinates]},
    });
    ann.put(&track, line).await.expect(200);
    let path = format!("{track}/positions");
    let far = json!([{"coordinates": [-170, 0], "time": "2026-05-01T02:00:00Z"}]);
    ann.post(&path, far)
        .await
        .refuses_as(409, "too_large", "The track would be too large");
    let near = json!([{"coordinates": [177, 0], "time": "2026-05-01T02:00:00Z"}]);
    ann.post(&path, near).await.expect(200);
}
