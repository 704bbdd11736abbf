//! What an access token opens, and what no token opens.

use crate::it::support::{Actor, App, PASSWORD};
use axum::body::Body;
use axum::http::{Method, header};
use chrono::TimeDelta;
use kairos_api::JwtCodec;
use kairos_domain::clock::Clock as _;
use kairos_domain::mail::MailKind;
use kairos_domain::token::{Claims, Scope, TokenCodec as _};
use serde_json::json;

use super::earlier_token;

#[tokio::test]
async fn a_token_is_good_for_its_own_scope_only() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    app.anonymous()
        .post("/users/reset-password", json!({"email": ann.email()}))
        .await
        .expect(202);
    let reset = app.mailed_token(ann.email(), MailKind::ResetPassword).await;
    let verify = app.mailed_token(ann.email(), MailKind::VerifyEmail).await;
    for token in [ann.refresh_token(), &reset, &verify] {
        let answer = Actor::with_token(&app, token).get("/users/me").await;
        answer.refuses(403, "Could not validate credentials");
    }
    for token in [ann.access_token(), &reset, &verify] {
        let answer = app
            .anonymous()
            .post("/auth/refresh", json!({"refresh_token": token}))
            .await;
        answer.refuses(403, "Invalid refresh token");
    }
    for token in [ann.access_token(), ann.refresh_token(), &verify] {
        let body = json!({"token": token, "new_password": "another password"});
        app.anonymous()
            .post("/users/update-password", body)
            .await
            .refuses(400, "Invalid or expired token");
    }
    for token in [ann.access_token(), ann.refresh_token(), &reset] {
        let answer = app
            .anonymous()
            .get(&format!("/users/verify-email?token={token}"))
            .await;
        answer.refuses(400, "Invalid or expired token");
    }
}

#[tokio::test]
async fn whoever_shows_no_bearer_token_is_not_authenticated() {
    let app = App::start().await;
    for header in [
        None,
        Some(""),
        Some("Basic YTpi"),
        Some("Bearer"),
        Some("Bearer "),
        Some("Token x"),
    ] {
        let mut request = app.anonymous().request(Method::GET, "/users/me");
        if let Some(header) = header {
            request = request.header(header::AUTHORIZATION, header);
        }
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            answer
                .refuses(401, "Not authenticated")
                .header("www-authenticate"),
            "Bearer"
        );
    }
}

#[tokio::test]
async fn the_scheme_of_the_header_is_compared_without_case() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let request = app.anonymous().request(Method::GET, "/users/me");
    let request = request.header(header::AUTHORIZATION, format!("bearer {}", ann.access_token()));
    app.send(request.body(Body::empty()).unwrap()).await.expect(200);
}

#[tokio::test]
async fn a_token_that_was_tampered_with_is_refused_for_good() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let [header, claims, signature] = ann.access_token().split('.').collect::<Vec<_>>()[..] else {
        panic!()
    };
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    let cut = format!("{header}.{claims}.{}", &signature[1..]);
    let stranger = JwtCodec::new(b"another key of at least 32 bytes, too").sign(&Claims {
        scope: Scope::Access,
        subject: ann.id().to_owned(),
        expires_at: app.clock.now() + TimeDelta::hours(1),
        own: None,
    });
    for token in [unsigned, cut, stranger, "a.b.c".to_owned(), "x".repeat(5000)] {
        Actor::with_token(&app, &token)
            .get("/users/me")
            .await
            .refuses(403, "Could not validate credentials");
    }
}

#[tokio::test]
async fn an_access_token_expires_after_an_hour_without_leeway() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    app.wait(TimeDelta::seconds(3599));
    ann.get("/users/me").await.expect(200);
    app.wait(TimeDelta::seconds(1));
    let answer = ann
        .get("/users/me")
        .await
        .refuses(401, "Access token has expired");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn tokens_of_the_earlier_service_are_honoured_until_the_password_changes() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let access = earlier_token(&app, Scope::Access, ann.id(), TimeDelta::hours(1));
    let refresh = earlier_token(&app, Scope::Refresh, ann.id(), TimeDelta::days(3));
    let unused = earlier_token(&app, Scope::Refresh, ann.id(), TimeDelta::days(2));
    let earlier = Actor::with_token(&app, &access);
    earlier.get("/users/me").await.expect(200);
    app.anonymous()
        .post("/auth/refresh", json!({"refresh_token": refresh}))
        .await
        .expect(200);

    let change = json!({"current_password": PASSWORD, "new_password": "another password"});
    ann.post("/users/me/password", change).await.expect(200);
    earlier
        .get("/users/me")
        .await
        .refuses(401, "Access token has been revoked");
    for token in [refresh, unused] {
        let answer = app
            .anonymous()
            .post("/auth/refresh", json!({"refresh_token": token}))
            .await;
        answer.refuses(403, "Invalid refresh token");
    }
}

#[tokio::test]
async fn a_token_that_no_longer_admits_is_refused_before_anything_else() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = bob.journey("Danube").await;
    ann.delete(&format!("/users/{}", ann.id())).await.expect(200);
    let unknown = "0".repeat(24);
    for path in [
        format!("/journeys/{journey}"),
        format!("/journeys/{unknown}"),
        "/journeys/malformed".to_owned(),
        format!("/journeys/{journey}/markers"),
        format!("/journeys/{unknown}/markers"),
        format!("/journeys/{journey}/markers?limit=0"),
        "/journeys/malformed/markers".to_owned(),
    ] {
        ann.get(&path).await.refuses(401, "User not found");
    }
}

#[tokio::test]
async fn nothing_admits_a_rider_who_is_gone() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    ann.delete(&format!("/users/{}", ann.id())).await.expect(200);
    ann.get("/users/me").await.refuses(401, "User not found");
    let answer = app
        .anonymous()
        .post("/auth/refresh", json!({"refresh_token": ann.refresh_token()}))
        .await;
    answer.refuses(403, "Invalid refresh token");
    let form = [("username", ann.email()), ("password", PASSWORD)];
    app.anonymous()
        .post_form("/auth/token", &form)
        .await
        .refuses(400, "Incorrect username or password");
}
