//! Journeys from files.

use axum::http::Method;
use serde_json::{Value, json};

use crate::it::support::{Actor, Answer, App};

/// A file of a ride in May, of a plan for June, of a shorter plan, and of two places. It is the 15th of May.
const FILE: &str = r#"<gpx version="1.1"><metadata><name>Danube</name><desc>downhill</desc></metadata>
<wpt lat="48.57" lon="13.43"><time>2026-05-02T10:00:00Z</time><name>Passau</name><desc>rain</desc></wpt>
<wpt lat="48.2" lon="16.37"><name>Wien</name></wpt>
<wpt lat="91" lon="16.37"><name>nowhere</name></wpt>
<trk><name>ridden</name><trkseg>
<trkpt lat="48.5" lon="13.4"><time>2026-05-01T10:00:00Z</time></trkpt>
<trkpt lat="48.6" lon="13.5"><time>2026-05-01T11:00:00Z</time></trkpt>
</trkseg></trk>
<rte><name>short</name><rtept lat="48" lon="16"/><rtept lat="48" lon="17"/></rte>
<rte><name>planned</name><rtept lat="48.6" lon="13.5"/><rtept lat="48.3" lon="14.3"/><rtept lat="48.2" lon="16.4"/></rte>
</gpx>"#;

async fn post(rider: &Actor<'_>, path: &str, key: &str, file: &str) -> Answer {
    rider
        .send_file(Method::POST, path, &[("idempotency-key", key)], file.to_owned())
        .await
}

async fn markers(rider: &Actor<'_>, journey: &str) -> Value {
    rider
        .get(&format!("/journeys/{journey}/markers"))
        .await
        .expect(200)
        .json()
}

fn id(report: &Value) -> &str {
    report["journey"]["_id"].as_str().unwrap()
}

#[tokio::test]
async fn a_file_becomes_a_journey_with_route_track_and_markers() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let report = ann.post_file("/journeys/import", FILE).await.expect(201).json();
    let journey = &report["journey"];
    assert_eq!(
        (&journey["name"], &journey["description"]),
        (&json!("Danube"), &json!("downhill"))
    );
    assert_eq!(
        (&journey["user_id"], &journey["visibility"]),
        (&json!(ann.id()), &json!("public"))
    );
    assert_eq!(
        (&journey["active"], &journey["completed"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        (&report["route"]["taken_as"], &report["route"]["positions"]),
        (&json!("route"), &json!(3))
    );
    assert_eq!(
        (&report["track"]["taken_as"], &report["track"]["positions"]),
        (&json!("track"), &json!(2))
    );
    assert!(
        report["track"]["why"].as_str().unwrap().contains("as=plan"),
        "{report}"
    );
    assert!(
        report["route"]["why"].as_str().unwrap().contains("as=past"),
        "{report}"
    );
    assert_eq!(report["track"]["last_time"], "2026-05-01T11:00:00.000Z");
    assert_eq!(
        (&report["markers_created"], &report["skipped"]["count"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(report["skipped"]["entries"][0]["where"], "line 4, wpt");

    let path = format!("/journeys/{}", id(&report));
    assert_eq!(ann.get(&path).await.expect(200).json(), report["journey"]);
    let markers = markers(&ann, id(&report)).await;
    let [passau, wien] = markers.as_array().unwrap().as_slice() else {
        panic!("{markers}")
    };
    assert_eq!(
        (&passau["marker_type"], &passau["timestamp"]),
        (&json!("past"), &json!("2026-05-02"))
    );
    assert_eq!(
        (&passau["notes"], &passau["estimated_time"]),
        (&json!("rain"), &Value::Null)
    );
    assert_eq!(
        (&wien["marker_type"], &wien["estimated_time"]),
        (&json!("plan"), &Value::Null)
    );
    assert_eq!(wien["coordinates"]["coordinates"], json!([16.37, 48.2]));
    let route = ann.get(&format!("{path}/route")).await.expect(200).json();
    assert_eq!(
        route["geometry"]["coordinates"],
        json!([[[13.5, 48.6], [14.3, 48.3], [16.4, 48.2]]])
    );
    let track = ann.get(&format!("{path}/track")).await.expect(200).json();
    assert_eq!(
        track["properties"]["times"],
        json!([["2026-05-01T10:00:00.000Z", "2026-05-01T11:00:00.000Z"]])
    );
}

#[tokio::test]
async fn the_query_names_the_journey_and_says_what_lines_are() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let import = async |query: &str, file: &str| {
        ann.post_file(&format!("/journeys/import?{query}"), file.to_owned())
            .await
            .expect(201)
            .json()
    };
    let report = import("name=Donau&visibility=private&as=plan", FILE).await;
    assert_eq!(
        (&report["journey"]["name"], &report["journey"]["visibility"]),
        (&json!("Donau"), &json!("private"))
    );
    assert_eq!(
        (&report["route"]["segments"], &report["track"]),
        (&json!(3), &Value::Null)
    );
    assert_eq!(
        (&report["route"]["why"], &report["route"]["first_time"]),
        (&Value::Null, &Value::Null)
    );
    let planned = markers(&ann, id(&report)).await;
    assert_eq!(
        (&planned[0]["marker_type"], &planned[0]["estimated_time"]),
        (&json!("plan"), &json!("2026-05-02"))
    );
    let report = import("as=past", FILE).await;
    assert_eq!(
        (&report["route"], &report["track"]["segments"]),
        (&Value::Null, &json!(3))
    );
    assert_eq!(markers(&ann, id(&report)).await[1]["marker_type"], "past");

    let bare = "<gpx><trk><trkseg/></trk></gpx>";
    let report = import("as=auto", bare).await;
    assert_eq!(report["journey"]["name"], "Imported journey");
    assert_eq!(
        (&report["route"], &report["track"], &report["markers_created"]),
        (&Value::Null, &Value::Null, &json!(0))
    );
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\\\rides\\\\To Ulm.gpx\"\r\n\r\n{bare}\r\n--b--\r\n"
    );
    let content_type = [("content-type", "multipart/form-data; boundary=b")];
    let named = ann
        .send_file(Method::POST, "/journeys/import", &content_type, form)
        .await
        .expect(201)
        .json();
    assert_eq!(named["journey"]["name"], "To Ulm");
    ann.post_file("/journeys/import?name=&visibility=secret&as=both", FILE)
        .await
        .faults(&[
            "string_too_short at query.name",
            "literal_error at query.visibility",
            "literal_error at query.as",
        ]);
    app.anonymous()
        .post_file("/journeys/import", FILE)
        .await
        .refuses(401, "Not authenticated");
    ann.post_file("/journeys/import", "<gpx>")
        .await
        .faults(&["file_invalid at body.file"]);
    ann.post_file("/journeys/import", "x").await.expect(415);
}

#[tokio::test]
async fn a_repeated_import_gives_the_journey_as_it_is_now() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let first = post(&ann, "/journeys/import", "k", FILE).await.expect(201).json();
    let path = format!("/journeys/{}", id(&first));
    let again = post(&ann, "/journeys/import", "k", FILE).await.expect(201).json();
    let mut expected = first.clone();
    expected["skipped"]["entries"] = json!([]);
    assert_eq!(again, expected);

    ann.patch_json(&path, json!({"name": "Donau"})).await.expect(200);
    ann.delete(&format!("{path}/route")).await.expect(204);
    let wien = markers(&ann, id(&first)).await[1]["_id"]
        .as_str()
        .unwrap()
        .to_owned();
    ann.delete(&format!("{path}/markers/{wien}")).await.expect(204);
    let again = post(&ann, "/journeys/import", "k", FILE).await.expect(201).json();
    assert_eq!(
        (&again["journey"]["name"], &again["route"]),
        (&json!("Donau"), &Value::Null)
    );
    assert_eq!(
        (&again["track"], &again["markers_created"]),
        (&first["track"], &json!(2))
    );
    assert_eq!(markers(&ann, id(&first)).await.as_array().unwrap().len(), 1);

    for (path, file) in [
        ("/journeys/import", FILE.replace("Wien", "Linz")),
        ("/journeys/import?as=plan", FILE.into()),
    ] {
        post(&ann, path, "k", &file)
            .await
            .refuses(422, "This Idempotency-Key was used for another request");
    }
    // A form with another boundary is the same request.
    let form = async |boundary: &str| {
        let content_type = format!("multipart/form-data; boundary={boundary}");
        let body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n{FILE}\r\n--{boundary}--\r\n"
        );
        let headers = [("content-type", content_type.as_str()), ("idempotency-key", "f")];
        ann.send_file(Method::POST, "/journeys/import", &headers, body)
            .await
            .expect(201)
            .json()
    };
    assert_eq!(id(&form("a").await), id(&form("b").await));
    assert_eq!(
        ann.get("/users/me/journeys")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    ann.delete(&path).await.expect(204);
    post(&ann, "/journeys/import", "k", FILE)
        .await
        .refuses(404, "Journey not found");
    post(&ann, "/journeys/import", "a b", FILE)
        .await
        .faults(&["value_error at header.idempotency-key"]);
}
