use std::collections::HashSet;

use axum::http::Method;

use super::send;
use crate::it::support::{App, PASSWORD};

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
