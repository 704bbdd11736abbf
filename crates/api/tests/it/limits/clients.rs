//! Who it is that is counted, and what is not.

use axum::http::Method;

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
