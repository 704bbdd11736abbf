//! Who it is that is counted, and what is not.

use axum::http::Method;
use futures_util::future::join_all;
use serde_json::json;

use super::{fail, log_in};
use crate::it::support::{App, PASSWORD};

#[tokio::test]
async fn reading_is_not_limited() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("To the sea").await;
    for _ in 0..300 {
        ann.get("/users/me").await.expect(200);
        ann.get(&format!("/journeys/{journey}/markers")).await.expect(200);
    }
    ann.post_form(
        "/auth/token",
        &[("username", ann.email()), ("password", PASSWORD)],
    )
    .await
    .expect(200);
}

#[tokio::test]
async fn only_a_trusted_proxy_says_who_is_asking() {
    let app = App::start().await;
    app.rider("ann").await;
    let form = "username=ann@example.org&password=a+guess";
    let guess = async |peer: &str, forwarded: &str| {
        let request = app.anonymous().at(peer).request(Method::POST, "/auth/token");
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-forwarded-for", forwarded);
        app.send(request.body(form.into()).unwrap()).await.status.as_u16()
    };
    // One client, whatever it says.
    for number in 0..12 {
        let status = guess("203.0.113.1", &format!("198.51.100.{number}")).await;
        assert_eq!(status, if number < 10 { 400 } else { 429 });
    }
    // The proxy's clients, one by one; what they say themselves stands left of what it says.
    for number in 0..12 {
        assert_eq!(guess("192.0.2.1", &format!("198.51.100.{number}")).await, 400);
        let status = guess("192.0.2.1", &format!("198.51.100.{number}, 2001:db8::{number}")).await;
        assert_eq!(status, if number < 10 { 400 } else { 429 }, "{number}");
    }
}

#[tokio::test]
async fn with_limits_off_nothing_is_counted() {
    let app = App::start_with(|settings| settings.rate_limit = false).await;
    let ann = app.rider("ann").await;
    fail(&ann, "ann@example.org", 101).await;
    for _ in 0..31 {
        let log_ins = (0..10).map(|_| log_in(&ann, "ann@example.org", PASSWORD));
        for answer in join_all(log_ins).await {
            answer.expect(200);
        }
    }
    for number in 0..21 {
        let email = format!("rider{number}@example.org");
        let registration = json!({"email": email, "name": "R", "password": PASSWORD});
        ann.post("/users/register", registration).await.expect(201);
        ann.post("/users/reset-password", json!({"email": "ann@example.org"}))
            .await
            .expect(202);
    }
    let journey = ann.journey("Danube").await;
    for _ in 0..601 {
        ann.patch(&format!("/journeys/{journey}/active"))
            .await
            .expect(204);
    }
}
