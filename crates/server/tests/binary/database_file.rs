//! What goes wrong with the file of a SQLite database: it is moved, has no room, or was not there.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::{Program, fails, json, succeeds, wait_until};

fn start() -> Program {
    Program::start("serve")
}

/// Checks an answer that nothing can be written.
fn is_refused(answer: &str, code: &str, detail: &str) {
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: "), "{answer}");
    let body = json(answer);
    assert_eq!((&body["code"], &body["detail"]), (&code.into(), &detail.into()));
}

fn lines_with(program: &Program, words: &str) -> usize {
    program.log().lines().filter(|line| line.contains(words)).count()
}

#[test]
fn a_moved_database_file_refuses_writes_until_it_is_back() {
    let program = start();
    program.register("ann");
    let ann = program.log_in("ann");
    let data = program.directory().join("data");
    let (file, aside) = (data.join("kairos.db"), data.join("aside.db"));
    fs::rename(&file, &aside).unwrap();
    for _ in 0..3 {
        for answer in [program.register("ben"), program.request("GET", "/health", "")] {
            is_refused(&answer, "database_moved", "The database file was moved");
        }
        let read = program.request_as(&ann, "GET", "/users/me", "");
        assert!(read.starts_with("HTTP/1.1 200 "), "{read}");
    }
    assert_eq!(
        lines_with(
            &program,
            "the database file was moved, deleted or replaced; refusing"
        ),
        1
    );
    fs::rename(&aside, &file).unwrap();
    assert!(program.register("ben").starts_with("HTTP/1.1 201 "));
    assert!(program.request("GET", "/health", "").starts_with("HTTP/1.1 200 "));
    assert_eq!(lines_with(&program, "the database file is back"), 1);
}

/// The largest size of a file stands for a full disk, which only root could make: the system refuses to let the
/// file grow, by another error.
#[test]
fn a_file_that_cannot_grow_is_not_healthy_until_a_write_succeeds() {
    let program = start();
    program.register("ann");
    let ann = program.log_in("ann");
    program.limit_file_size("100");
    let journey = r#"{"name": "Road", "description": "far"}"#;
    let write = || program.request_as(&ann, "POST", "/journeys/", journey);
    wait_until("a write fails", || write().starts_with("HTTP/1.1 503 "));
    let health = program.request("GET", "/health", "");
    is_refused(&health, "database_unavailable", "The database is unavailable");
    let read = program.request_as(&ann, "GET", "/users/me", "");
    assert!(read.starts_with("HTTP/1.1 200 "), "{read}");
    program.limit_file_size("unlimited");
    wait_until("the health check writes", || {
        program.request("GET", "/health", "").starts_with("HTTP/1.1 200 ")
    });
    assert!(write().starts_with("HTTP/1.1 201 "));
}

#[test]
fn a_new_database_is_announced_once() {
    let program = start();
    let words = "created a new database";
    assert_eq!(lines_with(&program, words), 1);
    assert!(program.log().contains(" INFO ") && program.log().contains("data/kairos.db"));
    let program = Program::start_in(program.kill(), "serve");
    assert_eq!(lines_with(&program, words), 0);
}

#[test]
fn outside_local_a_new_database_is_a_warning() {
    let directory = tempfile::tempdir().unwrap();
    let settings = [
        ("ENVIRONMENT", "production"),
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ("FRONTEND_URL", "https://ride.example.org"),
        ("MAIL_FROM", "Kairos <kairos@example.org>"),
        ("RESEND_API_KEY", "re_key"),
        ("DATABASE_URL", "sqlite://kairos.db"),
    ];
    let program = Program::start_with(directory, "serve", &settings);
    let line: serde_json::Value = program
        .log()
        .lines()
        .find(|line| line.contains("created a new database"))
        .map(|line| serde_json::from_str(line).unwrap())
        .unwrap();
    assert_eq!(line["level"], "WARN");
    let file = line["database"].as_str().unwrap();
    assert!(
        Path::new(file).is_absolute() && file.ends_with("kairos.db"),
        "{line}"
    );
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_as_it_is() {
    let directory = start().kill();
    let file = directory.path().join("data/kairos.db");
    let newer = rusqlite::Connection::open(&file).unwrap();
    newer.pragma_update(None, "user_version", 1_000).unwrap();
    drop(newer);
    let before = fs::read(&file).unwrap();
    let complaint = fails(directory.path(), &["serve"], &[("PORT", "0")]);
    assert!(
        complaint.contains("version 1000") && complaint.contains("a newer Kairos"),
        "{complaint}"
    );
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(fs::read(&file).unwrap() == before);
}

#[test]
fn the_version_names_the_commit() {
    let directory = tempfile::tempdir().unwrap();
    let version = succeeds(directory.path(), &["--version"], &[]);
    let commit = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    // The sources of a release have no repository.
    let commit = commit.ok().filter(|output| output.status.success());
    let expected = match commit {
        Some(commit) => format!(
            "kairos 0.1.0 ({})\n",
            String::from_utf8(commit.stdout).unwrap().trim()
        ),
        None => "kairos 0.1.0\n".to_owned(),
    };
    assert_eq!(version, expected);
}

#[test]
fn the_licences_of_all_parts_are_printed() {
    let directory = tempfile::tempdir().unwrap();
    let notices = succeeds(directory.path(), &["licences"], &[]);
    for part in [
        "axum ",
        "mongodb ",
        "ring ",
        "ReDoc",
        "Swagger UI ",
        "SQLite",
        "May you do good and not evil",
    ] {
        assert!(notices.contains(part), "{part}");
    }
}
