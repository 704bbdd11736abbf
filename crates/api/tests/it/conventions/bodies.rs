use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;

use crate::it::support::{Answer, App};

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_and_nothing_is_written() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let post = async |content_type: &str, body: Vec<u8>| {
        let request = ann
            .request(Method::POST, "/journeys/")
            .header(header::CONTENT_TYPE, content_type);
        app.send(request.body(Body::from(body)).unwrap()).await
    };
    let huge = format!("{{\"name\": \"{}\"}}", "x".repeat(2 << 20));
    post("application/json", huge.into_bytes())
        .await
        .refuses(413, "The request body must not be larger than 1 MiB");
    post("text/plain", b"{\"name\": \"x\"}".to_vec())
        .await
        .refuses(415, "Content type must be application/json");
    post("application/json", b"{\"name\": \"Dan".to_vec())
        .await
        .faults(&["json_invalid at body"]);
    post("application/json", b"{\"name\": \"\xff\"}".to_vec())
        .await
        .faults(&["json_invalid at body"]);
    post("application/json", b"{\"name\": NaN}".to_vec())
        .await
        .faults(&["json_invalid at body"]);
    post("application/json", Vec::new())
        .await
        .faults(&["missing at body"]);
    post("application/json", b"[]".to_vec())
        .await
        .faults(&["model_attributes_type at body"]);
    assert_eq!(
        ann.get(&format!("/users/{}/journeys", ann.id())).await.json(),
        json!([])
    );
}

/// Sends a body to a route that takes JSON and both kinds of form.
async fn reset(app: &App, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut request = Request::post("/api/v1/users/update-password");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::from(body.to_vec())).unwrap()).await
}

const JSON: &str = r#"{"token": "x", "new_password": "on three wheels"}"#;
const URLENCODED: &str = "token=x&new_password=on+three+wheels";
const MULTIPART: &str = "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nx\r\n\
    --b\r\nContent-Disposition: form-data; name=\"new_password\"\r\n\r\non three wheels\r\n--b--\r\n";

/// A body of each kind, with its type.
const BODIES: [(&str, &str); 3] = [
    ("application/json", JSON),
    ("application/x-www-form-urlencoded", URLENCODED),
    ("multipart/form-data; boundary=b", MULTIPART),
];

/// The answer to a body that was read: the token is of nobody.
const READ: (u16, &str) = (400, "invalid_mail_token");
const UNSUPPORTED: (u16, &str) = (415, "unsupported_media_type");

#[track_caller]
fn is(answer: &Answer, expected: (u16, &str), what: &str) {
    let code = answer.json()["code"].as_str().unwrap().to_owned();
    assert_eq!((answer.status.as_u16(), &*code), expected, "{what}");
}

#[tokio::test]
async fn a_body_is_in_utf_8_and_not_compressed() {
    let app = App::start().await;
    for (content_type, body) in BODIES {
        for (charset, expected) in [
            ("", READ),
            ("; charset=utf-8", READ),
            ("; charset=\"UTF-8\"", READ),
            ("; charset=utf-16", UNSUPPORTED),
            ("; charset=iso-8859-1", UNSUPPORTED),
        ] {
            let content_type = format!("{content_type}{charset}");
            let answer = reset(&app, &[("content-type", &content_type)], body.as_bytes()).await;
            is(&answer, expected, &content_type);
        }
        for (encoding, expected) in [
            ("identity", READ),
            ("Identity", READ),
            ("gzip", UNSUPPORTED),
            ("br", UNSUPPORTED),
            ("identity, gzip", UNSUPPORTED),
            ("", READ),
        ] {
            let headers = [("content-type", content_type), ("content-encoding", encoding)];
            let answer = reset(&app, &headers, body.as_bytes()).await;
            is(&answer, expected, encoding);
        }
    }
    let latin = MULTIPART.replacen(
        "name=\"token\"\r\n",
        "name=\"token\"\r\nContent-Type: text/plain; charset=iso-8859-1\r\n",
        1,
    );
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    is(
        &reset(&app, &headers, latin.as_bytes()).await,
        UNSUPPORTED,
        "a part",
    );
    // An empty body of any type is no body.
    let headers = [
        ("content-type", "text/plain; charset=utf-16"),
        ("content-encoding", "gzip"),
    ];
    is(&reset(&app, &headers, b"").await, (422, "validation"), "empty");
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped() {
    let app = App::start().await;
    for (content_type, body) in BODIES {
        let marked = [&b"\xef\xbb\xbf"[..], body.as_bytes()].concat();
        let answer = reset(&app, &[("content-type", content_type)], &marked).await;
        is(&answer, READ, content_type);
    }
}

#[tokio::test]
async fn every_type_that_ends_in_json_is_json_and_others_are_refused() {
    let app = App::start().await;
    for (content_type, expected) in [
        ("application/merge-patch+json", READ),
        ("application/vnd.kairos.v1+json; charset=utf-8", READ),
        ("APPLICATION/JSON", READ),
        ("model/gltf+json", READ),
        ("text/json", UNSUPPORTED),
        ("application/json+xml", UNSUPPORTED),
        ("json", UNSUPPORTED),
        ("", UNSUPPORTED),
    ] {
        let answer = reset(&app, &[("content-type", content_type)], JSON.as_bytes()).await;
        is(&answer, expected, content_type);
    }
    is(&reset(&app, &[], JSON.as_bytes()).await, READ, "no type");
}

#[tokio::test]
async fn malformed_utf_8_in_json_is_a_fault_of_the_body() {
    let app = App::start().await;
    let headers = [("content-type", "application/json")];
    let broken = [b"{\"token\": \"".as_slice(), b"\xc3\x28\"}"].concat();
    reset(&app, &headers, &broken)
        .await
        .faults(&["json_invalid at body"]);
}
