//! The program on MongoDB: when the database hangs, goes and comes back.

use std::net::TcpStream;
use std::process::Command;

use kairos_test_mongod::{Server, TestDatabase};

use crate::program::{Program, free_port, kairos, run, wait_until};

fn start(url: &str) -> Program {
    let settings = [("DATABASE_URL", url), ("MONGODB_TIMEOUT_SECONDS", "2")];
    Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings)
}

/// Asks for a sign of life until the answer has a status: a server that is stopped or started takes a moment.
fn wait_for_status(program: &Program, status: &str) {
    let status = format!("HTTP/1.1 {status} ");
    wait_until(&status, || {
        program.request("GET", "/mongodb", "").starts_with(&status)
    });
}

fn is_unavailable(program: &Program) {
    wait_for_status(program, "503");
    let registration = r#"{"email": "ben@example.org", "name": "Ben", "password": "on two wheels"}"#;
    for (method, path, body) in [("GET", "/mongodb", ""), ("POST", "/users/register", registration)] {
        let answer = program.request(method, path, body);
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.contains("retry-after"), "{answer}");
    }
}

#[test]
fn a_database_that_hangs_or_dies_is_unavailable_and_comes_back_by_itself() {
    let mut server = Server::of_one_test();
    let program = start(&server.url_of("hanging"));
    let registration = r#"{"email": "ann@example.org", "name": "Ann", "password": "on two wheels"}"#;
    let answer = program.request("POST", "/users/register", registration);
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");

    server.signal("-STOP");
    is_unavailable(&program);
    // What asks no database is answered meanwhile.
    assert!(program.request("GET", "/openapi.json", "").contains("openapi"));
    server.signal("-CONT");
    wait_for_status(&program, "200");

    server.signal("-KILL");
    is_unavailable(&program);
    server.restart();
    wait_for_status(&program, "200");
    let again = program.request("POST", "/users/register", registration);
    assert!(
        again.starts_with("HTTP/1.1 400 "),
        "what was written is gone: {again}"
    );
}

#[test]
fn a_database_that_is_not_there_stops_the_start_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let settings = [
        ("DATABASE_URL", "mongodb://ann:s3cret@127.0.0.1:9/kairos"),
        ("MONGODB_TIMEOUT_SECONDS", "1"),
        ("PORT", "0"),
    ];
    let output = run(directory.path(), &["serve"], &settings);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains("127.0.0.1:9") && !told.contains("s3cret"), "{told}");
}

#[test]
fn a_start_that_waits_for_its_database_ends_when_it_is_asked_to() {
    let server = Server::of_one_test();
    let url = server.url_of("hanging");
    server.signal("-STOP");
    let directory = tempfile::tempdir().unwrap();
    let port = free_port();
    let settings = [
        ("DATABASE_URL", &*url),
        ("MONGODB_TIMEOUT_SECONDS", "8"),
        ("PORT", &*port.to_string()),
    ];
    let mut child = kairos(directory.path(), &["serve"])
        .envs(settings)
        .spawn()
        .unwrap();
    // It listens, and hears signals, before it looks for its database.
    wait_until("it listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    let process = child.id().to_string();
    let sent = Command::new("kill").args(["-s", "TERM", &process]).status();
    assert!(sent.unwrap().success());
    // Whoever waits for the database ends with its failure.
    assert!(child.wait().unwrap().success());
    server.signal("-CONT");
}

#[test]
fn two_processes_serve_one_database() {
    let database = TestDatabase::on(kairos_test_mongod::replica_set());
    let (first, second) = (start(&database.url()), start(&database.url()));
    let registration = r#"{"email": "ann@example.org", "name": "Ann", "password": "on two wheels"}"#;
    let answer = first.request("POST", "/users/register", registration);
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let answer = second.request("POST", "/users/register", registration);
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}
