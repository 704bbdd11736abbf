use std::path::Path;
use std::time::{Duration, Instant};

use kairos_test_lambda::{Function, HttpRequest};
use kairos_test_mongod::Server;
use serde_json::json;

use super::{Deployed, start};
use crate::provider::Provider;

/// What it says when it does not start.
fn refusal(settings: &[(&str, &str)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let mut function = Function::start(
        Path::new(env!("CARGO_BIN_EXE_kairos")),
        directory.path(),
        settings,
    );
    assert_eq!(function.wait_until_ready().unwrap_err().code(), Some(2));
    function.log()
}

#[test]
fn what_would_not_last_there_is_refused_in_one_line() {
    let told = refusal(&[]);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(
        told.starts_with("ENVIRONMENT") && told.contains("Lambda"),
        "{told}"
    );
    let told = refusal(&[
        ("ENVIRONMENT", "production"),
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ("DATABASE_URL", "sqlite://kairos.db"),
        ("FRONTEND_URL", "https://ride.example.org"),
        ("MAIL_FROM", "Kairos <kairos@example.org>"),
        ("RESEND_API_KEY", "re_test"),
    ]);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(
        told.starts_with("DATABASE_URL") && told.contains("Lambda"),
        "{told}"
    );
}

#[test]
fn an_event_that_is_none_of_ours_is_an_error_and_the_next_one_is_answered() {
    let mut deployed = Deployed::start();
    for event in [
        json!({}),
        json!({"Records": []}),
        json!({"version": "1.0", "httpMethod": "GET"}),
    ] {
        let answered = deployed.function.invoke(&event);
        let error = answered.outcome.unwrap_err().to_string();
        assert!(error.contains("payload 2.0"), "{error}");
    }
    assert_eq!(deployed.get("/api/v1/").text(), r#""pong""#);
}

#[test]
fn a_function_that_wakes_up_finds_its_database_again() {
    let mut server = Server::of_one_test();
    let provider = Provider::start();
    let directory = tempfile::tempdir().unwrap();
    let database = server.url_of("waking");
    let mut function = start(directory.path(), &database, &provider.url(), &[]);
    let health = HttpRequest::new("GET", "/api/v1/health");
    assert_eq!(function.request(&health).status, 200);
    // It sleeps. Meanwhile all its connections are gone.
    server.signal("-KILL");
    server.restart();
    assert_eq!(function.request(&health).status, 200, "{}", function.log());
    server.signal("-KILL");
    let answer = function.request(&health);
    assert_eq!(answer.status, 503);
    assert!(answer.headers.contains_key("retry-after"));
}

#[test]
fn an_answer_comes_before_the_function_is_ended_also_when_its_database_hangs() {
    let server = Server::of_one_test();
    let provider = Provider::start();
    let directory = tempfile::tempdir().unwrap();
    let database = server.url_of("hanging");
    let patient = [("MONGODB_TIMEOUT_SECONDS", "8")];
    let mut function = start(directory.path(), &database, &provider.url(), &patient);
    let health = HttpRequest::new("GET", "/api/v1/health");
    assert_eq!(function.request(&health).status, 200);
    let asleep = Instant::now();
    server.signal("-STOP");
    // Long enough for it to look after its connections.
    crate::program::wait_until("it has slept", || asleep.elapsed() > Duration::from_secs(2));
    let answered = function.invoke_within(Duration::from_secs(5), &health.event());
    let answer = answered.outcome.unwrap();
    assert_eq!(answer["statusCode"], 503);
    // The database would be waited for until later.
    assert!(
        answer.to_string().contains("The request took too long"),
        "{answer}"
    );
    assert!(answered.took > Duration::from_secs(3), "{:?}", answered.took);
    let asleep = Instant::now();
    crate::program::wait_until("it has slept", || asleep.elapsed() > Duration::from_secs(2));
    let ping = HttpRequest::new("GET", "/api/v1/");
    let answered = function.invoke_within(Duration::from_secs(7), &ping.event());
    assert_eq!(answered.outcome.unwrap()["statusCode"], 200);
    server.signal("-CONT");
}

#[test]
fn all_events_share_the_connections_of_one_client() {
    let mut deployed = Deployed::start();
    for number in 0..3 {
        deployed.register(&format!("rider{number}"));
    }
    // Signs of life have a connection of their own.
    assert_eq!(deployed.get("/api/v1/health").status, 200);
    let sockets = deployed.function.open_sockets();
    for number in 0..12 {
        deployed.register(&format!("later{number}"));
        assert_eq!(deployed.get("/api/v1/health").status, 200);
    }
    // The driver may have opened another of its few.
    assert!(deployed.function.open_sockets() <= sockets + 2);
}
