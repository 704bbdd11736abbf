//! `kairos copy` and `kairos check`, on both kinds of database.

use std::path::Path;

use kairos_test_mongod::{TestDatabase, standalone};
use serde_json::Value;

use crate::program::{Program, run};

/// What the program says to a command that succeeds.
fn succeeds(directory: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> String {
    let output = run(directory, arguments, settings);
    let told = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}{complaint}");
    told
}

fn refusal(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments, &[]);
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

fn body(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

/// What a rider of the demo sees: themselves, their journey, and whom they meet.
fn what_is_seen(program: &Program, token: &str) -> Vec<Value> {
    let get = |path: &str| body(&program.request_as(token, "GET", path, ""));
    let me = get("/users/me");
    let rider = me["_id"].as_str().unwrap();
    let journeys = get(&format!("/users/{rider}/journeys"));
    let journey = journeys[0]["_id"].as_str().unwrap().to_owned();
    let near = get(&format!(
        "/journeys/{journey}/journeys/nearby?max_distance_meters=50000"
    ));
    let encounters = get(&format!("/journeys/{journey}/encounters"));
    assert!(!near.as_array().unwrap().is_empty() && !encounters.as_array().unwrap().is_empty());
    let markers = get(&format!("/journeys/{journey}/markers"));
    assert!(markers.as_array().unwrap().len() > 5);
    vec![me, journeys, markers, near, encounters]
}

fn log_in(program: &Program) -> String {
    let form = "username=ada@example.org&password=demo-password";
    let answer = program.post_form("/auth/token", form);
    body(&answer)["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn after_moving_house_everything_is_answered_as_before() {
    let demo = Program::start("demo");
    let token = log_in(&demo);
    let seen = what_is_seen(&demo, &token);
    let directory = demo.kill();
    let key = std::fs::read_to_string(directory.path().join("data/demo/secret_key")).unwrap();
    let database = TestDatabase::on(standalone());
    let mongodb = database.url();

    let copy = ["copy", "--from", "sqlite://data/demo/kairos.db", "--to", &mongodb];
    let told = succeeds(directory.path(), &copy, &[]);
    assert!(
        told.contains("journeys") && !told.contains("left behind"),
        "{told}"
    );
    assert!(refusal(directory.path(), &copy).contains("is not empty"));
    succeeds(directory.path(), &[&copy[..], &["--resume"]].concat(), &[]);
    let settings = [("DATABASE_URL", &*mongodb), ("SECRET_KEY", key.trim())];
    let checked = succeeds(directory.path(), &["check"], &settings);
    assert!(
        checked.contains("MongoDB 6.") || checked.contains("standalone"),
        "{checked}"
    );
    assert!(checked.contains("nothing to look at"), "{checked}");
    let program = Program::start_with(directory, "serve", &settings);
    assert_eq!(what_is_seen(&program, &token), seen);
    let directory = program.kill();

    let back = ["copy", "--from", &mongodb, "--to", "sqlite://data/back.db"];
    succeeds(directory.path(), &back, &[]);
    let settings = [
        ("DATABASE_URL", "sqlite://data/back.db"),
        ("SECRET_KEY", key.trim()),
    ];
    let checked = succeeds(directory.path(), &["check"], &settings);
    assert!(
        checked.contains("SQLite 3.") && checked.contains("nothing to look at"),
        "{checked}"
    );
    let program = Program::start_with(directory, "serve", &settings);
    assert_eq!(what_is_seen(&program, &token), seen);
}

#[test]
fn a_copy_of_nothing_or_onto_itself_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let told = refusal(
        directory.path(),
        &["copy", "--from", "sqlite://no.db", "--to", "sqlite://new.db"],
    );
    assert!(told.contains("no.db"), "{told}");
    assert!(!directory.path().join("new.db").exists());
    let told = refusal(
        directory.path(),
        &["copy", "--from", "postgres://x/y", "--to", "sqlite://new.db"],
    );
    assert!(told.contains("--from takes"), "{told}");
    std::fs::write(directory.path().join("a.db"), "").unwrap();
    let told = refusal(
        directory.path(),
        &["copy", "--from", "sqlite://a.db", "--to", "sqlite://a.db"],
    );
    assert!(told.contains("one database"), "{told}");
}

#[test]
fn an_account_of_the_target_stays_where_one_of_the_source_has_its_address() {
    let (source, target) = (Program::start("demo"), Program::start("demo"));
    let token = log_in(&target);
    let seen = what_is_seen(&target, &token);
    let (source, target) = (source.kill(), target.kill());
    let from = format!("sqlite://{}/data/demo/kairos.db", source.path().display());
    let to = "sqlite://data/demo/kairos.db";
    let told = refusal(target.path(), &["copy", "--resume", "--from", &from, "--to", to]);
    assert!(told.contains("already taken"), "{told}");
    let key = std::fs::read_to_string(target.path().join("data/demo/secret_key")).unwrap();
    let settings = [("DATABASE_URL", to), ("SECRET_KEY", key.trim())];
    let program = Program::start_with(target, "serve", &settings);
    assert_eq!(what_is_seen(&program, &token), seen);
}
