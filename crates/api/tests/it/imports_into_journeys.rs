//! Files that are added to journeys.

use axum::http::Method;
use serde_json::{Value, json};

use crate::it::support::{Actor, Answer, App};

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

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

#[tokio::test]
async fn a_file_adds_to_a_journey_what_it_does_not_have() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("Danube").await;
    let path = format!("/journeys/{journey}");
    let import = format!("{path}/import");
    ann.marker(&journey, "plan", [16.37, 48.2], "2026-06-01").await;
    let report = ann.post_file(&import, FILE).await.expect(200).json();
    assert_eq!(
        (&report["markers_created"], &report["journey"]["description"]),
        (&json!(2), &json!(""))
    );
    ann.post_file(&import, FILE)
        .await
        .refuses_as(409, "line_exists", "There is a route already");
    let replaced = ann
        .post_file(&format!("{import}?replace=true"), FILE)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&replaced["markers_created"], &replaced["route"]),
        (&json!(0), &report["route"])
    );
    let other = FILE.replace("Wien", "Vienna").replace("48.3", "48.4");
    ann.post_file(&format!("{import}?as=past"), other.clone())
        .await
        .refuses_as(409, "line_exists", "There is a track already");
    assert_eq!(markers(&ann, &journey).await.as_array().unwrap().len(), 3);
    let replaced = ann
        .post_file(&format!("{import}?replace=true"), other)
        .await
        .expect(200)
        .json();
    assert_eq!(replaced["markers_created"], 1);
    let route = ann.get(&format!("{path}/route")).await.expect(200).json();
    assert_eq!(route["geometry"]["coordinates"][0][1], json!([14.3, 48.4]));

    let places =
        r#"<gpx><wpt lat="1" lon="2"><name>a</name></wpt><wpt lat="1" lon="2"><name>a</name></wpt></gpx>"#;
    let both = post(&ann, &import, "k", places).await.expect(200).json();
    assert_eq!(both["markers_created"], 2);
    let again = post(&ann, &import, "k", places).await.expect(200).json();
    assert_eq!(again["markers_created"], 2);
    let anew = ann.post_file(&import, places).await.expect(200).json();
    assert_eq!(anew["markers_created"], 0);
    assert_eq!(markers(&ann, &journey).await.as_array().unwrap().len(), 6);

    bob.post_file(&import, places)
        .await
        .refuses(403, "Not your journey");
    bob.post_file(&import, "<gpx>")
        .await
        .refuses(403, "Not your journey");
    bob.post_file(&import, "x").await.expect(415);
    app.anonymous()
        .post_file(&import, places)
        .await
        .refuses(401, "Not authenticated");
    ann.post_file(&format!("/journeys/{UNKNOWN}/import"), places)
        .await
        .refuses(404, "Journey not found");
    ann.post_file("/journeys/x/import", places)
        .await
        .refuses(400, "Invalid journey ID format");
    ann.post_file(&format!("{import}?as=7&replace=7"), places)
        .await
        .faults(&["literal_error at query.as", "bool_parsing at query.replace"]);
    ann.patch_json(&path, json!({"visibility": "private"}))
        .await
        .expect(200);
    bob.post_file(&import, places)
        .await
        .refuses(404, "Journey not found");
    let report = ann.post_file(&import, places).await.expect(200).json();
    assert_eq!(report["journey"]["visibility"], "private");
}

#[tokio::test]
async fn an_import_is_all_or_nothing() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let many: String = (0..6_000)
        .map(|number| format!(r#"<wpt lat="1" lon="2"><name>{number}</name></wpt>"#))
        .collect();
    let file = |line: &str| format!("<gpx>{many}{line}</gpx>");
    let line = r#"<rte><rtept lat="1" lon="2"/><rtept lat="1" lon="3"/></rte>"#;
    let import = format!("/journeys/{journey}/import");
    ann.post_file(&import, file("")).await.expect(200);
    let other = file(line).replace("<name>", "<name>x");
    ann.post_file(&import, other)
        .await
        .refuses(409, "A journey can have at most 10000 markers");
    ann.get(&format!("/journeys/{journey}/route"))
        .await
        .refuses(404, "No route");
    assert_eq!(markers(&ann, &journey).await.as_array().unwrap().len(), 6_000);
}
