//! The subcommands, and what stops a start.

use std::fs;

use crate::program::{Program, run};

#[test]
fn all_that_is_wrong_stops_the_start_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let environment = [
        ("PORT", "http"),
        ("ENVIRONMENT", "production"),
        ("SECRET_KEY", "changethis"),
    ];
    let output = run(directory.path(), &["serve"], &environment);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    for key in [
        "PORT",
        "SECRET_KEY",
        "FRONTEND_URL",
        "MAIL_FROM",
        "DATABASE_URL",
        "RESEND_API_KEY",
    ] {
        assert!(told.lines().any(|line| line.starts_with(key)), "{key}: {told}");
    }
    assert!(!told.contains("changethis"));
    assert_eq!(
        fs::read_dir(directory.path()).unwrap().count(),
        0,
        "something was made"
    );
}

#[test]
fn a_wrong_line_in_the_file_of_settings_is_named() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(".env"), "PORT=99999\n").unwrap();
    let output = run(directory.path(), &[], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("PORT"));
}

#[test]
fn the_document_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let output = run(directory.path(), &["openapi"], &[("PROJECT_NAME", "Velo")]);
    assert!(output.status.success());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Velo");
}

#[test]
fn a_check_tells_what_would_be_done_and_does_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let output = run(directory.path(), &["check"], &[]);
    assert!(output.status.success());
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("data/kairos.db, created at the first start"),
        "{told}"
    );
    assert_eq!(
        fs::read_dir(directory.path()).unwrap().count(),
        0,
        "something was made"
    );
    fs::write(directory.path().join("notes"), "not a database ".repeat(1000)).unwrap();
    let output = run(
        directory.path(),
        &["check"],
        &[("DATABASE_URL", "sqlite://notes")],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("notes"));
}

#[test]
fn a_port_in_use_is_told_and_nothing_is_touched() {
    let running = Program::start("demo");
    let before = fs::read(running.directory().join("data/demo/secret_key")).unwrap();
    let port = running.port().to_string();
    let output = run(running.directory(), &["demo"], &[("PORT", &port)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("HOST, PORT"));
    // On another port, it would wipe the store of the one that runs.
    let output = run(running.directory(), &["demo"], &[("PORT", "0")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("another demo"));
    assert_eq!(
        fs::read(running.directory().join("data/demo/secret_key")).unwrap(),
        before
    );
}

#[test]
fn the_demo_can_be_run_again_and_again() {
    let mut directory = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let demo = Program::start_in(directory, "demo");
        let registration = r#"{"email": "mia@example.com", "name": "Mia", "password": "on two wheels"}"#;
        let answer = demo.request("POST", "/users/register", registration);
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        directory = demo.kill();
    }
}
