use axum::http::Method;
use serde_json::json;

use super::send;
use crate::it::support::App;

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

#[tokio::test]
async fn a_head_request_gets_the_head() {
    let app = App::start().await;
    let answer = send(&app, Method::HEAD, "/api/v1/health", &[]).await.expect(200);
    assert!(answer.body.is_empty());
}
