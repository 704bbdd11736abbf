//! Requests that pages of other origins may send from a rider's browser.

use axum::http::{HeaderValue, Method};
use kairos_api::CorsOrigins;
use kairos_domain::mail::MailKind;
use serde_json::{Value, json};

use crate::it::support::{Actor, Answer, App, PASSWORD};

const FOREIGN: &str = "This page may not do that";

/// The service, which web pages of one other origin may call.
async fn start() -> App {
    App::start_as(|choices| {
        let origins = vec![HeaderValue::from_static("https://app.example.org")];
        choices.api.cors_origins = CorsOrigins::List(origins);
        choices.api.own_origins = vec![
            "https://ride.example.org".to_owned(),
            "https://kairos.example.org:8443".to_owned(),
        ];
    })
    .await
}

/// Sends what a page can send without asking first.
async fn send(from: &Actor<'_>, origins: &[&str], path: &str, json: Value) -> Answer {
    let mut headers = vec![("host", "api.example.org")];
    headers.extend(origins.iter().map(|origin| ("origin", *origin)));
    from.send(Method::POST, path, &headers, Some(json)).await
}

async fn log_in(app: &App, origins: &[&str], password: &str) -> Answer {
    let mut request = app
        .anonymous()
        .request(Method::POST, "/auth/token")
        .header("host", "api.example.org")
        .header("content-type", "application/x-www-form-urlencoded");
    for origin in origins {
        request = request.header("origin", *origin);
    }
    let form = format!("username=ann@example.org&password={}", password.replace(' ', "+"));
    app.send(request.body(form.into()).unwrap()).await
}

#[tokio::test]
async fn a_foreign_page_neither_guesses_nor_registers_nor_asks_for_mails() {
    let app = start().await;
    app.unverified_rider("ann").await;
    let nobody = app.anonymous();
    let registration = json!({"email": "bob@example.org", "name": "Bob", "password": PASSWORD});
    for origins in [
        &["https://evil.example.org"][..],
        &["null"],
        &["https://api.example.org:8443"],
        &["https://app.example.org", "https://evil.example.org"],
    ] {
        for _ in 0..12 {
            log_in(&app, origins, "a guess")
                .await
                .refuses_as(403, "foreign_origin", FOREIGN);
        }
        for path in [
            "/users/register",
            "/users/resend-verification",
            "/users/reset-password",
        ] {
            for body in [
                registration.clone(),
                json!({"email": "ann@example.org"}),
                json!("no object"),
            ] {
                send(&nobody, origins, path, body)
                    .await
                    .refuses_as(403, "foreign_origin", FOREIGN);
            }
        }
    }
    // The guesses were none, no mail is on its way, and the address is free.
    log_in(&app, &[], PASSWORD).await.expect(200);
    send(&nobody, &[], "/users/register", registration)
        .await
        .expect(201);
    app.mailed_token("bob@example.org", MailKind::VerifyEmail).await;
    assert!(
        app.mailbox
            .of_kind("ann@example.org", MailKind::ResetPassword)
            .is_empty()
    );
    assert_eq!(
        app.mailbox
            .of_kind("ann@example.org", MailKind::VerifyEmail)
            .len(),
        1
    );
}

#[tokio::test]
async fn pages_of_the_service_and_allowed_ones_do() {
    let app = start().await;
    app.unverified_rider("ann").await;
    for (number, origin) in [
        "https://app.example.org",
        "https://APP.example.org:443",
        "https://ride.example.org",
        "https://kairos.example.org:8443",
        "https://api.example.org",
        "http://api.example.org:80",
    ]
    .into_iter()
    .enumerate()
    {
        let rider = app.anonymous().at(&format!("203.0.113.{number}"));
        let email = json!({"email": format!("rider{number}@example.org")});
        let mut registration = email.clone();
        registration["name"] = json!("R");
        registration["password"] = json!(PASSWORD);
        send(&rider, &[origin], "/users/register", registration)
            .await
            .expect(201);
        for path in ["/users/resend-verification", "/users/reset-password"] {
            send(&rider, &[origin], path, email.clone()).await.expect(202);
        }
        log_in(&app, &[origin], PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn where_every_page_may_call_the_api_none_is_foreign() {
    let app = App::start().await;
    app.rider("ann").await;
    for origin in ["https://evil.example.org", "null"] {
        log_in(&app, &[origin], PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn what_needs_a_token_asks_for_that_and_not_for_the_page() {
    let app = start().await;
    let ann = app.rider("ann").await;
    let foreign = ["https://evil.example.org"];
    let refresh = json!({"refresh_token": ann.refresh_token()});
    send(&ann, &foreign, "/auth/refresh", refresh).await.expect(200);
    let reset = json!({"token": "x", "new_password": "another password"});
    send(&ann, &foreign, "/users/update-password", reset)
        .await
        .expect(400);
    send(&ann, &foreign, "/journeys/", json!({"name": "Danube"}))
        .await
        .expect(201);
}
