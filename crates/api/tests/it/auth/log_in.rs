//! Logging in.

use crate::it::support::{App, PASSWORD};
use axum::body::Body;
use axum::http::{Method, header};
use serde_json::json;

#[tokio::test]
async fn a_rider_logs_in_with_an_urlencoded_or_a_multipart_form() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let form = [
        ("username", ann.email()),
        ("password", PASSWORD),
        ("grant_type", "password"),
        ("scope", "x"),
    ];
    let tokens = app.anonymous().post_form("/auth/token", &form).await.expect(200);
    assert_eq!(tokens.json()["token_type"], "bearer");
    assert_eq!(tokens.json().as_object().unwrap().len(), 3);
    assert_eq!(tokens.header("cache-control"), "no-store");

    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\n{}\r\n--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n{PASSWORD}\r\n--b--\r\n",
        ann.email()
    );
    let request = app.anonymous().request(Method::POST, "/auth/token");
    let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    app.send(request.body(Body::from(body)).unwrap())
        .await
        .expect(200);
}

#[tokio::test]
async fn the_address_is_compared_without_case() {
    let app = App::start().await;
    app.rider("ann").await;
    app.sign_in("ANN@Example.ORG")
        .await
        .get("/users/me")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    for (username, password) in [
        (ann.email(), "wrong"),
        (ann.email(), ""),
        (ann.email(), &"x".repeat(5000)),
        (ann.email(), "on two wheels\0"),
        ("nobody@example.org", PASSWORD),
        ("no address", PASSWORD),
    ] {
        let form = [("username", username), ("password", password)];
        let answer = app.anonymous().post_form("/auth/token", &form).await;
        answer.refuses(400, "Incorrect username or password");
    }
}

#[tokio::test]
async fn the_first_72_bytes_of_a_longer_password_count_at_log_in() {
    let app = App::start().await;
    let password = "x".repeat(72);
    let registration = json!({"email": "long@example.org", "name": "Long", "password": password});
    app.anonymous()
        .post("/users/register", registration)
        .await
        .expect(201);
    let form = [
        ("username", "long@example.org"),
        ("password", &format!("{password}yz")),
    ];
    app.anonymous().post_form("/auth/token", &form).await.expect(200);
}

#[tokio::test]
async fn a_log_in_form_is_checked() {
    let app = App::start().await;
    let nobody = app.anonymous();
    nobody
        .post_form("/auth/token", &[])
        .await
        .faults(&["missing at body"]);
    let form = [("grant_type", "code"), ("username", "ann@example.org")];
    nobody
        .post_form("/auth/token", &form)
        .await
        .faults(&["literal_error at body.grant_type", "missing at body.password"]);
    nobody
        .post("/auth/token", json!({"username": "a", "password": "b"}))
        .await
        .expect(415);
}
