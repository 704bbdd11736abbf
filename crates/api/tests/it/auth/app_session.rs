//! The session of the web app: a cookie, and an access token.

use std::net::{Ipv4Addr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Method, Request};
use chrono::TimeDelta;
use kairos_api::CorsOrigins;
use serde_json::{Value, json};

use crate::it::support::{Actor, Answer, App, PASSWORD};

const BEGIN: (Method, &str) = (Method::POST, "/app/session");
const REFRESH: (Method, &str) = (Method::POST, "/app/session/refresh");
const END: (Method, &str) = (Method::DELETE, "/app/session");

/// Sends what a browser sends at an address of the service.
async fn send(app: &App, (method, path): (Method, &str), headers: &[(&str, &str)], body: String) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "kairos.test")
        .extension(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000))));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::from(body)).unwrap()).await
}

async fn log_in(app: &App, headers: &[(&str, &str)], password: &str) -> Answer {
    let json = json!({"username": "ann@example.org", "password": password});
    send(app, BEGIN, headers, json.to_string()).await
}

async fn with_cookie(app: &App, request: (Method, &str), cookie: &str) -> Answer {
    send(app, request, &[("cookie", cookie)], String::new()).await
}

/// The cookie of an answer as the browser sends it back, and its attributes.
fn cookie_of(answer: &Answer) -> (String, Vec<String>) {
    let mut parts = answer.header("set-cookie").split("; ").map(str::to_owned);
    (parts.next().unwrap(), parts.collect())
}

fn token_in(cookie: &str) -> &str {
    cookie.split_once('=').unwrap().1
}

/// Checks that the body holds an access token that works, and no refresh token.
async fn check_body(app: &App, answer: &Answer) {
    let body = answer.json();
    let fields: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["access_token", "expires_in"]);
    assert_eq!(body["expires_in"], 3600);
    let token = body["access_token"].as_str().unwrap();
    Actor::with_token(app, token).get("/users/me").await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_log_in_gives_an_access_token_and_keeps_the_refresh_token_in_a_cookie() {
    let app = App::start().await;
    app.rider("ann").await;
    let answer = log_in(&app, &[], PASSWORD).await.expect(200);
    check_body(&app, &answer).await;
    let (cookie, attributes) = cookie_of(&answer);
    assert!(cookie.starts_with("kairos_session=ey"), "{cookie}");
    assert_eq!(attributes, ["Max-Age=691200", "HttpOnly", "SameSite=Strict"]);
    // The cookie holds a refresh token like any other.
    let json = json!({"refresh_token": token_in(&cookie)});
    app.anonymous().post("/auth/refresh", json).await.expect(200);
}

#[tokio::test]
async fn over_https_the_cookie_is_secure_and_says_so_in_its_name() {
    let app = App::start_as(|choices| choices.api.is_https = true).await;
    app.rider("ann").await;
    let answer = log_in(&app, &[], PASSWORD).await.expect(200);
    let (cookie, attributes) = cookie_of(&answer);
    assert!(cookie.starts_with("__Secure-kairos_session=ey"), "{cookie}");
    assert_eq!(
        attributes,
        ["Max-Age=691200", "HttpOnly", "SameSite=Strict", "Secure"]
    );
    with_cookie(&app, REFRESH, &cookie).await.expect(200);
    // Another page of the same site could set a cookie of the other name.
    let other = format!("kairos_session={}", token_in(&cookie));
    with_cookie(&app, REFRESH, &other)
        .await
        .refuses_as(401, "not_authenticated", "Not authenticated");
}

#[tokio::test]
async fn a_refresh_rotates_the_cookie() {
    let app = App::start().await;
    app.rider("ann").await;
    let (first, _) = cookie_of(&log_in(&app, &[], PASSWORD).await);
    let answer = with_cookie(&app, REFRESH, &format!("theme=dark; {first}"))
        .await
        .expect(200);
    check_body(&app, &answer).await;
    let (second, _) = cookie_of(&answer);
    assert_ne!(first, second);
    with_cookie(&app, REFRESH, &second).await.expect(200);
    app.wait(TimeDelta::seconds(11));
    // The first was used long ago, and so was its successor: somebody else has it.
    let stolen = with_cookie(&app, REFRESH, &first).await;
    stolen.refuses_as(403, "invalid_refresh_token", "Invalid refresh token");
    with_cookie(&app, REFRESH, &second).await.expect(403);
}

#[tokio::test]
async fn of_several_cookies_the_first_good_one_counts() {
    let app = App::start().await;
    app.rider("ann").await;
    let (ended, _) = cookie_of(&log_in(&app, &[], PASSWORD).await);
    with_cookie(&app, END, &ended).await.expect(204);
    let (good, _) = cookie_of(&log_in(&app, &[], PASSWORD).await);
    let both = format!("kairos_session=; kairos_session=nonsense; {ended}; {good}");
    with_cookie(&app, REFRESH, &both).await.expect(200);
}

#[tokio::test]
async fn without_a_good_cookie_there_is_no_session_and_the_cookie_goes() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let (cookie, _) = cookie_of(&log_in(&app, &[], PASSWORD).await);
    let expect_gone = |answer: Answer| {
        let (cookie, attributes) = cookie_of(&answer);
        assert_eq!(cookie, "kairos_session=");
        assert_eq!(attributes, ["Max-Age=0", "HttpOnly", "SameSite=Strict"]);
    };
    let none = send(&app, REFRESH, &[], String::new()).await;
    expect_gone(none.refuses_as(401, "not_authenticated", "Not authenticated"));
    let access = format!("kairos_session={}", ann.access_token());
    let wrong = with_cookie(&app, REFRESH, &access).await;
    expect_gone(wrong.refuses_as(403, "invalid_refresh_token", "Invalid refresh token"));
    app.wait(TimeDelta::days(8));
    let late = with_cookie(&app, REFRESH, &cookie).await;
    expect_gone(late.refuses_as(401, "refresh_token_expired", "Refresh token has expired"));
}

#[tokio::test]
async fn a_log_out_ends_the_session_of_the_cookie_alone() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let (cookie, _) = cookie_of(&log_in(&app, &[], PASSWORD).await);
    for cookie in [cookie.as_str(), &cookie, "kairos_session=nonsense", "other=1"] {
        let answer = with_cookie(&app, END, cookie).await.expect(204);
        assert_eq!(cookie_of(&answer).0, "kairos_session=");
        assert!(answer.body.is_empty());
    }
    with_cookie(&app, REFRESH, &cookie).await.expect(403);
    let json = json!({"refresh_token": ann.refresh_token()});
    app.anonymous().post("/auth/refresh", json).await.expect(200);
}

#[tokio::test]
async fn a_new_password_ends_the_session_of_the_cookie() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let (cookie, _) = cookie_of(&log_in(&app, &[], PASSWORD).await);
    let json = json!({"current_password": PASSWORD, "new_password": PASSWORD});
    ann.post("/users/me/password", json).await.expect(200);
    with_cookie(&app, REFRESH, &cookie).await.expect(403);
}

#[tokio::test]
async fn a_wrong_log_in_sets_no_cookie_and_is_counted() {
    let app = App::start().await;
    app.rider("ann").await;
    for _ in 0..10 {
        let answer = log_in(&app, &[], "a guess").await;
        let answer = answer.refuses_as(400, "wrong_credentials", "Incorrect username or password");
        assert_eq!(answer.header("set-cookie"), "");
    }
    let answer = log_in(&app, &[], PASSWORD).await.expect(429);
    assert_ne!(answer.header("retry-after"), "");
    app.wait(TimeDelta::minutes(15));
    log_in(&app, &[], PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_log_in_takes_json_alone() {
    let app = App::start().await;
    app.rider("ann").await;
    let form = format!("username=ann@example.org&password={PASSWORD}");
    for content_type in ["application/x-www-form-urlencoded", "text/plain"] {
        let headers = [("content-type", content_type)];
        send(&app, BEGIN, &headers, form.clone()).await.expect(415);
    }
    send(&app, BEGIN, &[], json!({"username": 1}).to_string())
        .await
        .faults(&["string_type at body.username", "missing at body.password"]);
}

#[tokio::test]
async fn a_foreign_page_neither_begins_nor_continues_nor_ends_a_session() {
    let listed = CorsOrigins::List(vec![HeaderValue::from_static("https://app.example.org")]);
    for origins in [CorsOrigins::Any, listed] {
        let is_any = origins == CorsOrigins::Any;
        let app = App::start_as(|choices| choices.api.cors_origins = origins).await;
        app.rider("ann").await;
        let (cookie, _) = cookie_of(&log_in(&app, &[("origin", "http://kairos.test")], PASSWORD).await);
        let login = json!({"username": "ann@example.org", "password": PASSWORD}).to_string();
        let foreign = [
            "https://evil.example.org",
            "null",
            "http://kairos.test:8080",
            "http://sub.kairos.test",
        ];
        for origin in foreign {
            for (request, body) in [
                (BEGIN, login.clone()),
                (REFRESH, String::new()),
                (END, String::new()),
            ] {
                let headers = [("origin", origin), ("cookie", &cookie)];
                let answer = send(&app, request, &headers, body).await;
                assert_eq!(answer.header("set-cookie"), "");
                answer.refuses_as(403, "foreign_origin", "This page may not do that");
            }
        }
        // A page that the operator names is not foreign; `*` names none.
        let named = [("origin", "https://app.example.org")];
        let answer = log_in(&app, &named, PASSWORD).await;
        answer.expect(if is_any { 403 } else { 200 });
        let own = [("origin", "http://kairos.test"), ("cookie", &cookie)];
        send(&app, REFRESH, &own, String::new()).await.expect(200);
    }
}

#[tokio::test]
async fn the_session_is_not_documented_and_goes_with_the_web_app() {
    let app = App::start_as(|choices| choices.api.web_app = None).await;
    app.rider("ann").await;
    for request in [BEGIN, REFRESH, END] {
        send(&app, request, &[], String::new())
            .await
            .refuses(404, "Not Found");
    }
    let document = app.anonymous().get("/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.keys().all(|path| path.starts_with("/api/v1/")));
    assert_eq!(document["paths"]["/app/session"], Value::Null);
}
