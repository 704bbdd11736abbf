//! Signing in and out, and what tokens are good for.

use axum::body::Body;
use axum::http::{Method, header};
use chrono::TimeDelta;
use kairos_api::JwtCodec;
use kairos_domain::clock::Clock as _;
use kairos_domain::mail::MailKind;
use kairos_domain::token::{Claims, OwnClaims, Scope, TokenCodec as _};
use serde_json::json;

use crate::support::{Actor, App, PASSWORD, SECRET};

/// A token as the earlier service made it: with nothing but its end, its subject and its scope.
fn earlier_token(app: &App, scope: Scope, subject: &str, lifetime: TimeDelta) -> String {
    let expires_at = app.clock.now() + lifetime;
    JwtCodec::new(SECRET).sign(&Claims {
        scope,
        subject: subject.to_owned(),
        expires_at,
        own: None::<OwnClaims>,
    })
}

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

#[tokio::test]
async fn a_refresh_token_is_taken_from_the_query_and_from_every_kind_of_body() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let nobody = app.anonymous();
    let next = |answer: crate::support::Answer| {
        answer.expect(200).json()["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let second = next(
        nobody
            .post_empty(&format!("/auth/refresh?refresh_token={}", ann.refresh_token()))
            .await,
    );
    let third = next(
        nobody
            .post("/auth/refresh", json!({"refresh_token": second}))
            .await,
    );
    let fourth = next(
        nobody
            .post_form("/auth/refresh/", &[("refresh_token", &third)])
            .await,
    );
    let body =
        format!("--b\r\nContent-Disposition: form-data; name=\"refresh_token\"\r\n\r\n{fourth}\r\n--b--\r\n");
    let request = nobody.request(Method::POST, "/auth/refresh?refresh_token=the-body-wins");
    let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    next(app.send(request.body(Body::from(body)).unwrap()).await);
    nobody
        .post_empty("/auth/refresh")
        .await
        .faults(&["missing at query.refresh_token"]);
}

#[tokio::test]
async fn a_used_refresh_token_is_good_for_ten_seconds_and_then_ends_the_session() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let nobody = app.anonymous();
    let use_it = async |token: &str| {
        nobody
            .post("/auth/refresh", json!({"refresh_token": token}))
            .await
    };
    use_it(ann.refresh_token()).await.expect(200);
    app.wait(TimeDelta::seconds(9));
    let sibling = use_it(ann.refresh_token()).await.expect(200).json();
    let sibling = sibling["refresh_token"].as_str().unwrap();
    app.wait(TimeDelta::seconds(2));
    let next = use_it(sibling).await.expect(200).json();
    use_it(ann.refresh_token())
        .await
        .refuses(403, "Invalid refresh token");
    use_it(next["refresh_token"].as_str().unwrap())
        .await
        .refuses(403, "Invalid refresh token");
}

#[tokio::test]
async fn a_refresh_token_expires_after_eight_days() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    app.wait(TimeDelta::days(8));
    let answer = app
        .anonymous()
        .post("/auth/refresh", json!({"refresh_token": ann.refresh_token()}))
        .await;
    answer.refuses(401, "Refresh token has expired");
}

#[tokio::test]
async fn logging_out_ends_the_session_and_answers_the_same_for_anything() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let nobody = app.anonymous();
    for token in [
        ann.refresh_token(),
        ann.refresh_token(),
        ann.access_token(),
        "garbage",
    ] {
        nobody
            .post("/auth/logout", json!({"refresh_token": token}))
            .await
            .expect(204);
    }
    let answer = nobody
        .post("/auth/refresh", json!({"refresh_token": ann.refresh_token()}))
        .await;
    answer.refuses(403, "Invalid refresh token");
    ann.get("/users/me").await.expect(200);
}

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
