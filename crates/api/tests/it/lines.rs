//! Routes and tracks.

use axum::http::Method;
use serde_json::{Value, json};

use crate::it::support::App;

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

/// A line with a detour of a kilometre, and a second segment.
const LINE: &str = r#"<gpx version="1.1"><wpt lat="1" lon="1"><name>left away</name></wpt>
<trk><trkseg>
<trkpt lat="0" lon="7"><ele>100.5</ele><time>2026-05-01T08:00:00Z</time></trkpt>
<trkpt lat="0.01" lon="7.5"><ele>110</ele></trkpt>
<trkpt lat="0" lon="8"><time>2026-05-01T18:00:00.250Z</time></trkpt>
</trkseg><trkseg>
<trkpt lat="0" lon="179.5"/><trkpt lat="0" lon="-179.5"/><trkpt lat="91" lon="7"/>
</trkseg></trk></gpx>"#;

#[tokio::test]
async fn a_route_is_kept_as_it_came_without_times() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("Equator").await;
    let path = format!("/journeys/{journey}/route");
    bob.get(&path).await.refuses_as(404, "no_route", "No route");
    ann.delete(&path).await.refuses(404, "No route");
    let put = ann.put_file(&path, LINE).await.expect(200);
    let expected = json!({
        "segments": 2, "positions": 5, "length_meters": 222_659.951, "ascent_meters": 9.5,
        "bbox": [7.0, 0.0, -179.5, 0.01], "first_time": null, "last_time": null,
        "skipped": {"count": 1, "entries": [{
            "where": "line 7, trkpt",
            "reason": put.json()["skipped"]["entries"][0]["reason"],
        }]},
    });
    assert_eq!(put.json(), expected);
    let got = bob.get(&path).await.expect(200);
    assert_eq!(got.header("content-type"), "application/geo+json");
    assert_eq!(got.tag(), put.tag());
    let expected = json!({
        "type": "Feature", "properties": {},
        "geometry": {"type": "MultiLineString", "coordinates": [
            [[7, 0, 100.5], [7.5, 0.01, 110], [8, 0]],
            [[179.5, 0], [-179.5, 0]],
        ]},
    });
    assert_eq!(got.json(), expected);
    assert_eq!(
        ann.get(&format!("/journeys/{journey}/markers")).await.json(),
        json!([])
    );
    ann.get(&format!("/journeys/{journey}/track"))
        .await
        .refuses_as(404, "no_track", "No track");
    ann.delete(&path).await.expect(204);
    ann.get(&path).await.refuses(404, "No route");
}

#[tokio::test]
async fn a_track_keeps_its_times() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let path = format!("/journeys/{}/track", ann.journey("Equator").await);
    let put = ann.put_file(&path, LINE).await.expect(200).json();
    assert_eq!(put["first_time"], "2026-05-01T08:00:00.000Z");
    assert_eq!(put["last_time"], "2026-05-01T18:00:00.250Z");
    let got = ann.get(&path).await.expect(200).json();
    let times = json!([
        ["2026-05-01T08:00:00.000Z", null, "2026-05-01T18:00:00.250Z"],
        [null, null]
    ]);
    assert_eq!(got["properties"], json!({ "times": times }));
    assert_eq!(got["geometry"]["coordinates"][0].as_array().unwrap().len(), 3);
    // A line that was read can be put again.
    let again = ann.put(&path, got.clone()).await.expect(200);
    assert_eq!(again.json()["skipped"]["count"], 0);
    assert_eq!(ann.get(&path).await.expect(200).json(), got);
    ann.delete(&path).await.expect(204);
    ann.get(&path).await.refuses(404, "No track");
}

#[tokio::test]
async fn a_line_is_simplified_and_each_tolerance_has_its_tag() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let path = format!("/journeys/{}/route", ann.journey("Equator").await);
    ann.put_file(&path, LINE).await.expect(200);
    let whole = ann.get(&path).await.expect(200);
    let same = ann.get(&format!("{path}?tolerance_meters=0.0")).await.expect(200);
    assert_eq!(same.tag(), whole.tag());
    let (finer, coarser) = (
        format!("{path}?tolerance_meters=1000.5"),
        format!("{path}?tolerance_meters=1200"),
    );
    let fine = ann.get(&finer).await.expect(200);
    assert_eq!(fine.json()["geometry"], whole.json()["geometry"]);
    let coarse = ann.get(&coarser).await.expect(200);
    let expected = json!([[[7, 0, 100.5], [8, 0]], [[179.5, 0], [-179.5, 0]]]);
    assert_eq!(coarse.json()["geometry"]["coordinates"], expected);
    assert_ne!(coarse.tag(), whole.tag());
    assert_ne!(coarse.tag(), fine.tag());
    for (seen, status) in [
        (coarse.tag(), 304),
        (format!("W/{}", coarse.tag()), 304),
        ("*".into(), 304),
        (fine.tag(), 200),
    ] {
        let answer = ann
            .send(Method::GET, &coarser, &[("if-none-match", &seen)], None)
            .await
            .expect(status);
        assert_eq!(answer.tag(), coarse.tag());
        assert_eq!(answer.body.is_empty(), status == 304);
    }
    for (query, fault) in [
        ("-1", "greater_than_equal"),
        ("10000.1", "less_than_equal"),
        ("x", "float_parsing"),
        ("NaN", "finite_number"),
    ] {
        ann.get(&format!("{path}?tolerance_meters={query}"))
            .await
            .faults(&[&format!("{fault} at query.tolerance_meters")]);
    }
}

#[tokio::test]
async fn a_line_is_changed_only_as_it_was_seen() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let path = format!("/journeys/{}/route", ann.journey("Equator").await);
    let other = LINE.replace("0.01", "0.02");
    let put = async |tag: &str, file: &str| {
        ann.send_file(Method::PUT, &path, &[("if-match", tag)], file.to_owned())
            .await
    };
    put("*", LINE)
        .await
        .refuses_as(412, "changed_meanwhile", "It was changed meanwhile");
    let first = ann.put_file(&path, LINE).await.expect(200).tag();
    let coarse = ann
        .get(&format!("{path}?tolerance_meters=50"))
        .await
        .expect(200)
        .tag();
    let second = put(&coarse, &other).await.expect(200).tag();
    assert_ne!(first, second);
    put(&first, LINE).await.expect(412);
    put(&coarse, LINE).await.expect(412);
    let delete = async |tag: &str| ann.send(Method::DELETE, &path, &[("if-match", tag)], None).await;
    delete(&first).await.expect(412);
    assert_eq!(ann.get(&path).await.expect(200).tag(), second);
    put("*", &other).await.expect(200);
    delete(&second).await.expect(204);
    delete("*").await.refuses(404, "No route");
}

#[tokio::test]
async fn lines_are_seen_like_their_journey_and_changed_by_its_owner() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("Equator").await;
    let positions = json!([{"coordinates": [7, 0], "time": "2026-05-01T08:00:00Z"}]);
    for line in ["route", "track"] {
        let path = format!("/journeys/{journey}/{line}");
        ann.put_file(&path, LINE).await.expect(200);
        bob.put_file(&path, LINE).await.refuses(403, "Not your journey");
        bob.delete(&path).await.refuses(403, "Not your journey");
        app.anonymous().get(&path).await.refuses(401, "Not authenticated");
        app.anonymous()
            .put_file(&path, LINE)
            .await
            .refuses(401, "Not authenticated");
        app.anonymous()
            .delete(&path)
            .await
            .refuses(401, "Not authenticated");
        for (journey, status, detail) in [
            ("x", 400, "Invalid journey ID format"),
            (UNKNOWN, 404, "Journey not found"),
        ] {
            let path = format!("/journeys/{journey}/{line}");
            ann.get(&path).await.refuses(status, detail);
            ann.put_file(&path, LINE).await.refuses(status, detail);
            ann.delete(&path).await.refuses(status, detail);
        }
        // The type is judged before the ownership, the content after it.
        bob.put_file(&path, "7").await.expect(415);
        bob.put_file(&path, "<gpx>")
            .await
            .refuses(403, "Not your journey");
    }
    let path = format!("/journeys/{journey}/track/positions");
    bob.post(&path, positions.clone())
        .await
        .refuses(403, "Not your journey");
    app.anonymous()
        .post(&path, positions.clone())
        .await
        .refuses(401, "Not authenticated");
    ann.post(&format!("/journeys/{UNKNOWN}/track/positions"), positions.clone())
        .await
        .refuses(404, "Journey not found");
    ann.patch_json(&format!("/journeys/{journey}"), json!({"visibility": "private"}))
        .await
        .expect(200);
    for line in ["route", "track"] {
        bob.get(&format!("/journeys/{journey}/{line}"))
            .await
            .refuses(404, "Journey not found");
        bob.put_file(&format!("/journeys/{journey}/{line}"), LINE)
            .await
            .refuses(404, "Journey not found");
        bob.delete(&format!("/journeys/{journey}/{line}"))
            .await
            .refuses(404, "Journey not found");
    }
    bob.post(&path, positions).await.refuses(404, "Journey not found");
}

#[tokio::test]
async fn nearby_journeys_come_with_their_lines() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let (mine, theirs) = (ann.journey("mine").await, bob.journey("theirs").await);
    ann.marker(&mine, "plan", [7.0, 0.0], "2026-06-01").await;
    bob.marker(&theirs, "plan", [7.0, 0.1], "2026-06-01").await;
    let line = json!({"type": "LineString", "coordinates": [[7, 0.2], [7.1, 0.2001], [7.2, 0.2]]});
    bob.put(&format!("/journeys/{theirs}/route"), line)
        .await
        .expect(200);
    let path = format!("/journeys/{mine}/nearby");
    let simplified = json!({
        "route": {"type": "Feature", "properties": {}, "geometry": {
            "type": "MultiLineString", "coordinates": [[[7, 0.2], [7.2, 0.2]]],
        }},
        "track": null,
    });
    for (query, has_markers) in [("lines", false), ("lines,markers", true)] {
        let found = ann
            .get(&format!("{path}?include={query}"))
            .await
            .expect(200)
            .json();
        assert_eq!(found[0]["lines"], simplified);
        assert_eq!(found[0]["markers"].is_array(), has_markers);
    }
    let found = ann
        .get(&format!("{path}?include=markers"))
        .await
        .expect(200)
        .json();
    assert_eq!(found[0]["lines"], Value::Null);
    ann.get(&format!("{path}?include=lines&limit=51"))
        .await
        .faults(&["less_than_equal at query.limit"]);
}
