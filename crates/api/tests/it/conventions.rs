//! What holds for every route.

use std::collections::HashSet;
use std::io::Read as _;

use axum::body::Body;
use axum::http::{Method, Request, header};
use flate2::read::GzDecoder;
use serde_json::json;

use crate::it::support::{Answer, App, PASSWORD};

async fn send(app: &App, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_path_works_with_and_without_its_trailing_slash() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    ann.get("/users/me/").await.expect(200);
    ann.post("/journeys", json!({"name": "without"}))
        .await
        .expect(201);
    let journey = ann
        .post("/journeys/", json!({"name": "with"}))
        .await
        .expect(201)
        .id();
    ann.get(&format!("/journeys/{journey}/markers/?limit=5"))
        .await
        .expect(200);
    ann.get(&format!("/journeys/{journey}//markers"))
        .await
        .expect(404);
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_told_in_json() {
    let app = App::start().await;
    for path in [
        "/",
        "/api",
        "/api/v2",
        "/api/v1/nothing",
        "/api/v1/users",
        "/favicon.ico",
    ] {
        send(&app, Method::GET, path, &[]).await.refuses(404, "Not Found");
    }
    let answer = send(&app, Method::PUT, "/api/v1/auth/token", &[])
        .await
        .refuses(405, "Method Not Allowed");
    assert_eq!(answer.header("allow"), "POST");
    let answer = send(&app, Method::POST, "/api/v1/users/me", &[])
        .await
        .refuses(405, "Method Not Allowed");
    assert_eq!(answer.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn what_is_personal_is_kept_by_nobody_and_no_type_is_guessed() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("To the sea").await;
    let form = [("username", ann.email()), ("password", PASSWORD)];
    let refresh = [("refresh_token", ann.refresh_token())];
    for answer in [
        ann.post_form("/auth/token", &form).await.expect(200),
        ann.post_form("/auth/refresh", &refresh).await.expect(200),
        ann.get("/users/me").await.expect(200),
        ann.get(&format!("/users/{}", ann.id())).await.expect(200),
        ann.get(&format!("/journeys/{journey}/encounters"))
            .await
            .expect(200),
        ann.get(&format!("/journeys/{journey}")).await.expect(200),
        ann.get("/users/0").await.expect(400),
        ann.get("/nothing").await.expect(404),
    ] {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let document = ann.get("/openapi.json").await.expect(200);
    assert_eq!(document.header("cache-control"), "no-cache");
    assert_eq!(document.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn every_answer_carries_a_request_id() {
    let app = App::start().await;
    let mut ids = HashSet::new();
    for path in [
        "/api/v1/",
        "/api/v1/users/me",
        "/nowhere",
        "/api/v1/openapi.json",
        "/docs",
        "/api/v1/auth/token",
    ] {
        let id = send(&app, Method::GET, path, &[])
            .await
            .header("x-request-id")
            .to_owned();
        assert!(!id.is_empty() && ids.insert(id), "{path}");
    }
    let kept = send(&app, Method::GET, "/api/v1/", &[("x-request-id", "trace-1.a_B")]).await;
    assert_eq!(kept.header("x-request-id"), "trace-1.a_B");
    for strange in ["", "a b", "ü", &"x".repeat(65), "a\"b"] {
        let own = send(&app, Method::GET, "/api/v1/", &[("x-request-id", strange)]).await;
        assert_ne!(own.header("x-request-id").as_bytes(), strange.as_bytes());
    }
}

#[tokio::test]
async fn any_origin_may_use_the_api_when_all_are_allowed() {
    let app = App::start().await;
    let origin = ("origin", "https://app.example.org");
    let answer = send(&app, Method::GET, "/api/v1/", &[origin]).await.expect(200);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example.org"
    );
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert!(answer.header("vary").to_lowercase().contains("origin"));
    let exposed = answer.header("access-control-expose-headers").to_lowercase();
    assert!(
        [
            "x-request-id",
            "retry-after",
            "link",
            "etag",
            "content-disposition"
        ]
        .iter()
        .all(|name| exposed.contains(name)),
        "{exposed}"
    );

    let asked = [
        origin,
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization,x-anything"),
    ];
    let preflight = send(&app, Method::OPTIONS, "/api/v1/journeys/x", &asked)
        .await
        .expect(200);
    assert_eq!(
        preflight.header("access-control-allow-origin"),
        "https://app.example.org"
    );
    assert_eq!(
        preflight.header("access-control-allow-headers"),
        "authorization,x-anything"
    );
    assert!(preflight.header("access-control-allow-methods").contains("PATCH"));
    assert_eq!(preflight.header("access-control-max-age"), "600");
}

#[tokio::test]
async fn refusals_carry_cors_headers_too() {
    let app = App::start().await;
    let answer = send(
        &app,
        Method::GET,
        "/api/v1/users/me",
        &[("origin", "https://a.example")],
    )
    .await
    .expect(401);
    assert_eq!(answer.header("access-control-allow-origin"), "https://a.example");
}

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

#[tokio::test]
async fn the_token_is_checked_first_then_the_path_then_the_body() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let broken = json!({});
    app.anonymous()
        .put("/journeys/x", broken.clone())
        .await
        .refuses(401, "Not authenticated");
    ann.put("/journeys/x", broken.clone())
        .await
        .refuses(400, "Invalid journey ID format");
    ann.put("/journeys/%FF", broken.clone()).await.expect(400);
    ann.put("/journeys/5f43a1b2c3d4e5f60718293a", broken)
        .await
        .expect(422);
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_ask() {
    let app = App::start().await;
    let accept = [("accept-encoding", "gzip")];
    let answer = send(&app, Method::GET, "/api/v1/openapi.json", &accept)
        .await
        .expect(200);
    assert_eq!(answer.header("content-encoding"), "gzip");
    let plain = send(&app, Method::GET, "/api/v1/openapi.json", &[])
        .await
        .expect(200);
    assert_eq!(plain.header("content-encoding"), "");
    assert_eq!(plain.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn a_head_request_gets_the_head() {
    let app = App::start().await;
    let answer = send(&app, Method::HEAD, "/api/v1/health", &[]).await.expect(200);
    assert!(answer.body.is_empty());
}

/// The bytes of an answer, unpacked.
fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    match answer.header("content-encoding") {
        "gzip" => drop(GzDecoder::new(&answer.body[..]).read_to_end(&mut bytes).unwrap()),
        "br" => drop(
            brotli::Decompressor::new(&answer.body[..], 4096)
                .read_to_end(&mut bytes)
                .unwrap(),
        ),
        "" => bytes.extend_from_slice(&answer.body),
        other => panic!("{other}"),
    }
    bytes
}

#[tokio::test]
async fn what_never_changes_is_the_same_in_each_encoding_and_is_sent_once() {
    let app = App::start().await;
    let docs = send(&app, Method::GET, "/docs", &[]).await.expect(200);
    let docs = String::from_utf8(docs.body.to_vec()).unwrap();
    let (_, from) = docs.split_once("script src=\"").unwrap();
    let (hashed, _) = from.split_once('"').unwrap();
    let hashed = format!("/{hashed}");
    assert!(hashed.ends_with("/swagger-ui-bundle.js"), "{hashed}");
    for (path, caching, encodings) in [
        (
            &*hashed,
            "public, max-age=31536000, immutable",
            ["", "gzip", "br"],
        ),
        ("/assets/swagger-ui-bundle.js", "no-cache", ["", "gzip", "br"]),
        ("/api/v1/openapi.json", "no-cache", ["", "gzip", ""]),
    ] {
        let mut tags = HashSet::new();
        let plain = send(&app, Method::GET, path, &[]).await.expect(200);
        for (accepted, encoding) in ["identity", "gzip", "gzip, br"].into_iter().zip(encodings) {
            let accepted = if encoding.is_empty() { "identity" } else { accepted };
            let answer = send(&app, Method::GET, path, &[("accept-encoding", accepted)])
                .await
                .expect(200);
            assert_eq!(answer.header("content-encoding"), encoding, "{path}");
            assert_eq!(answer.header("cache-control"), caching, "{path}");
            assert_eq!(
                answer.header("vary").matches("accept-encoding").count(),
                1,
                "{path}"
            );
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert!(unpacked(&answer) == plain.body, "{path} in {encoding}");
            let tag = answer.header("etag").to_owned();
            for known in [tag.clone(), format!("\"x\", W/{tag}")] {
                let asked = [("accept-encoding", accepted), ("if-none-match", &*known)];
                let again = send(&app, Method::GET, path, &asked).await.expect(304);
                assert!(again.body.is_empty() && again.header("etag") == tag);
                assert_eq!(again.header("cache-control"), caching);
            }
            let other = [("accept-encoding", accepted), ("if-none-match", "\"x\"")];
            send(&app, Method::GET, path, &other).await.expect(200);
            tags.insert(tag);
        }
        assert!(tags.len() >= 2, "{path}: {tags:?}");
    }
}

#[tokio::test]
async fn a_path_that_is_no_text_is_an_unknown_one() {
    let app = App::start().await;
    for path in [
        "/assets/%ff",
        "/assets/%00",
        "/assets/x/docs.js",
        "/assets/",
        "/%ff",
    ] {
        send(&app, Method::GET, path, &[]).await.refuses(404, "Not Found");
    }
}
