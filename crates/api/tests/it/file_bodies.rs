//! Files in request bodies: their forms, sizes, types and faults.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use kairos_api::Invocation;
use serde_json::json;

use crate::it::support::{Actor, Answer, App};

const GPX: &str =
    r#"<gpx><trk><trkseg><trkpt lat="1" lon="7"/><trkpt lat="2" lon="7"/></trkseg></trk></gpx>"#;

const BOUNDARY: &str = "multipart/form-data; boundary=b";

fn part(name: &str, more: &str, content: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{content}\r\n")
}

async fn put_form(rider: &Actor<'_>, path: &str, form: String) -> Answer {
    rider
        .send_file(Method::PUT, path, &[("content-type", BOUNDARY)], form)
        .await
}

#[tokio::test]
async fn a_file_is_the_body_or_a_field_whatever_its_content_type_says() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let path = format!("/journeys/{}/route", ann.journey("Danube").await);
    for content_type in [
        "application/gpx+xml",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "image/png",
        "text/xml; charset=utf-8",
        "?",
    ] {
        ann.send_file(Method::PUT, &path, &[("content-type", content_type)], GPX)
            .await
            .expect(200);
    }
    let named = part(
        "file",
        "; filename=\"a.fit\"\r\nContent-Type: application/json",
        GPX,
    );
    put_form(&ann, &path, format!("{named}--b--\r\n"))
        .await
        .expect(200);
    let others = part("other", "", "x");
    put_form(&ann, &path, format!("{others}{named}{others}--b--\r\n"))
        .await
        .expect(200);
    // The charset is a hint, which the file's own declaration precedes.
    let latin = [b"<gpx><trk><name>".as_slice(), b"\xe9", &GPX.as_bytes()[10..]].concat();
    let charset = [("content-type", "text/xml; charset=ISO-8859-1")];
    ann.send_file(Method::PUT, &path, &[], latin.clone())
        .await
        .expect(422);
    let latin = [
        b"<gpx><trk><name>".as_slice(),
        b"\xe9</name>",
        &GPX.as_bytes()[10..],
    ]
    .concat();
    ann.send_file(Method::PUT, &path, &charset, latin)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_form_has_exactly_one_file() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let path = format!("/journeys/{}/route", ann.journey("Danube").await);
    let file = part("file", "", GPX);
    let end = "--b--\r\n";
    for (form, fault) in [
        (end.to_owned(), "missing"),
        (part("files", "", GPX) + end, "missing"),
        (format!("{file}{file}{end}"), "file_invalid"),
        (part("file", "", "") + end, "file_invalid"),
        (file.clone(), "multipart_invalid"),
        ("x".to_owned(), "multipart_invalid"),
        (part("x", "", "").repeat(1_001) + end, "too_long"),
    ] {
        put_form(&ann, &path, form)
            .await
            .faults(&[&format!("{fault} at body.file")]);
    }
    ann.send_file(
        Method::PUT,
        &path,
        &[("content-type", "multipart/form-data")],
        file,
    )
    .await
    .faults(&["multipart_invalid at body.file"]);
    ann.get(&path).await.refuses(404, "No route");
}

#[tokio::test]
async fn each_bad_file_has_its_answer_and_nothing_is_kept() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let path = format!("/journeys/{}/track", ann.journey("Danube").await);
    let nested = "<a>".repeat(70) + &"</a>".repeat(70);
    for (file, msg) in [
        ("", "the file is empty"),
        ("  \n", "the file is empty"),
        ("<gpx>", "truncated"),
        ("<gpx><trk></gpx>", "line 1: the file is not well-formed"),
        ("<!DOCTYPE gpx><gpx/>", "DOCTYPE"),
        ("<gpx/>", "the file has no line"),
        (
            "{\"type\":\"FeatureCollection\",\"features\":[]}",
            "the file has no line",
        ),
        ("{\"type\":", "truncated"),
        (&format!("<gpx>{nested}</gpx>"), "deeper than 64"),
        (r#"<gpx><wpt lat="1" lon="7"/></gpx>"#, "the file has no line"),
        (
            r#"<gpx><trk><trkseg><trkpt lat="1" lon="7"/></trkseg></trk></gpx>"#,
            "the file has no line",
        ),
    ] {
        let answer = ann
            .put_file(&path, file.to_owned())
            .await
            .faults(&["file_invalid at body.file"]);
        let found = answer.json()["detail"][0]["msg"].as_str().unwrap().to_owned();
        assert!(found.contains(msg), "{file}: {found}");
    }
    for file in [
        b"7".as_slice(),
        b"<html/>",
        b"\x1f\x8b\x08\0",
        b"%PDF-1.4",
        b"\xff\xfe\xff",
    ] {
        let answer = ann.put_file(&path, file.to_vec()).await.expect(415);
        assert_eq!(answer.json()["code"], "unsupported_media_type");
    }
    let encoded = r#"<?xml version="1.0" encoding="shift_jis"?><gpx/>"#;
    let answer = ann.put_file(&path, encoded).await.expect(415).json();
    assert!(
        answer["detail"].as_str().unwrap().contains("GPX 1.0 and 1.1"),
        "{answer}"
    );
    ann.send_file(Method::PUT, &path, &[("content-encoding", "gzip")], GPX)
        .await
        .refuses(415, "Content encoding must be identity");
    ann.get(&path).await.refuses(404, "No track");
}

#[tokio::test]
async fn a_file_has_at_most_32_mib_and_of_a_function_4() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let path = format!("/journeys/{}/route", ann.journey("Danube").await);
    let with = |bytes: usize| GPX.to_owned() + &" ".repeat(bytes - GPX.len());
    let (most, sentence) = (32 << 20, "A file must not be larger than 32 MiB");
    ann.put_file(&path, with(most)).await.expect(200);
    ann.put_file(&path, with(most + 1))
        .await
        .refuses_as(413, "body_too_large", sentence);
    let form = |bytes| part("file", "", &with(bytes)) + "--b--\r\n";
    put_form(&ann, &path, form(most)).await.expect(200);
    put_form(&ann, &path, form(most + 1)).await.refuses(413, sentence);
    // An announced size is judged before the body comes.
    let endless = Body::from_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
    ann.send_file(Method::PUT, &path, &[("content-length", "40000000")], endless)
        .await
        .refuses(413, sentence);

    let of_a_function = async |bytes| {
        let invocation = Invocation {
            id: "1".to_owned(),
            time_left: Duration::from_secs(20),
        };
        let request = ann.request(Method::PUT, &path).extension(invocation);
        app.send(request.body(Body::from(with(bytes))).unwrap()).await
    };
    of_a_function(4 << 20).await.expect(200);
    of_a_function((4 << 20) + 1)
        .await
        .refuses(413, "A file must not be larger than 4 MiB");
}

/// A file that never ends.
fn stalled() -> Body {
    let begun = stream::iter([Ok::<_, std::io::Error>(GPX.as_bytes()[..20].to_vec())]);
    Body::from_stream(begun.chain(stream::pending()))
}

#[tokio::test]
async fn a_rider_sends_one_file_at_a_time_and_all_riders_four() {
    let app = App::start().await;
    let names = ["ann", "bob", "cleo", "dan", "eve"];
    let riders = join_all(names.map(|name| app.rider(name))).await;
    let paths = join_all(
        riders
            .iter()
            .map(async |rider| format!("/journeys/{}/route", rider.journey("a").await)),
    )
    .await;
    let send = |index: usize| riders[index].put_file(&paths[index], stalled());
    let mut slow: Vec<_> = (0..4).map(|index| Box::pin(send(index))).collect();
    // The first part of each file has come when all of them have stalled.
    for file in &mut slow {
        for _ in 0..1_000 {
            assert!(futures_util::poll!(file.as_mut()).is_pending());
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
    }
    riders[0].put_file(&paths[0], GPX).await.refuses_as(
        429,
        "rate_limited",
        "Another file of yours is being received",
    );
    riders[4].put_file(&paths[4], GPX).await.refuses_as(
        503,
        "overloaded",
        "Too many files are being received",
    );
    // A rider who stops sending makes room.
    slow.pop();
    riders[4].put_file(&paths[4], GPX).await.expect(200);
    riders[3].put_file(&paths[3], GPX).await.expect(200);
    riders[0].put_file(&paths[0], GPX).await.expect(429);
    slow.clear();
    riders[0].put_file(&paths[0], GPX).await.expect(200);
}

#[tokio::test]
async fn a_line_has_at_most_100_000_positions() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let path = format!("/journeys/{}/track", ann.journey("Danube").await);
    let line = |positions: i32| {
        let coordinates: Vec<_> = (0..positions)
            .map(|step| json!([7.0 + f64::from(step % 1_000) / 1e5, 47.1]))
            .collect();
        json!({"type": "LineString", "coordinates": coordinates})
    };
    let put = ann.put(&path, line(100_000)).await.expect(200).json();
    assert_eq!(put["positions"], 100_000);
    let got = ann.get(&path).await.expect(200).json();
    assert_eq!(
        got["geometry"]["coordinates"][0].as_array().unwrap().len(),
        100_000
    );
    let answer = ann
        .put(&path, line(100_001))
        .await
        .faults(&["file_invalid at body.file"])
        .json();
    assert!(
        answer["detail"][0]["msg"]
            .as_str()
            .unwrap()
            .contains("100000 positions"),
        "{answer}"
    );
    let around = json!({"type": "LineString", "coordinates": [[0.1, 0], [100, 0], [-160, 0]]});
    let answer = ann
        .put(&path, around)
        .await
        .faults(&["file_invalid at body.file"])
        .json();
    assert!(
        answer["detail"][0]["msg"].as_str().unwrap().contains("20000 km"),
        "{answer}"
    );
}
