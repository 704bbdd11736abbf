//! `kairos riders`, beside a running server, on both kinds of database.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use kairos_test_mongod::{TestDatabase, replica_set};
use serde_json::{Value, json};

use crate::program::{Program, fails, json, registration, succeeds};

fn start(settings: &[(&str, &str)]) -> Program {
    Program::start_with(tempfile::tempdir().unwrap(), "serve", settings)
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

fn riders_are_looked_after(settings: &[(&str, &str)]) {
    let program = start(settings);
    let directory: &Path = program.directory();
    let told = |arguments: &[&str]| succeeds(directory, &[&["riders"], arguments].concat(), settings);
    let refused = |arguments: &[&str]| fails(directory, &[&["riders"], arguments].concat(), settings);
    program.register("ann");
    let hostile = registration("ben").replace(r#""name": "ben""#, r#""name": "Ben \u001b[2J\u009b""#);
    assert!(
        program
            .request("POST", "/users/register", &hostile)
            .contains(" 201 ")
    );
    let (ann, ben) = (program.log_in("ann"), program.log_in("ben"));

    let listed = told(&["list"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    assert!(
        lines[1].contains("ann@example.org") && lines[2].contains("Ben �[2J�"),
        "{listed}"
    );
    let listed = parsed(&told(&["list", "--json"]));
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let me = json(&program.request_as(&ann, "GET", "/users/me", ""));
    assert_eq!(listed[0], me);
    assert_eq!(listed[1]["name"], "Ben \u{1b}[2J\u{9b}");

    let id = me["_id"].as_str().unwrap();
    for ann in ["ann@example.org", "ANN@EXAMPLE.ORG", id] {
        assert_eq!(parsed(&told(&["show", ann, "--json"])), me);
    }
    let shown = told(&["show", id]);
    assert!(
        shown.contains("ann@example.org") && !shown.contains("$2b$"),
        "{shown}"
    );
    assert!(told(&["show", "ben@example.org"]).contains("Ben �[2J�"));
    for unknown in ["nobody@example.org", "0123456789abcdef01234567"] {
        for command in ["show", "verify", "delete"] {
            assert!(refused(&[command, unknown]).contains(unknown));
        }
    }

    assert_eq!(me["is_verified"], false);
    let verified = parsed(&told(&["verify", "ann@example.org", "--json"]));
    assert_eq!(verified["is_verified"], true);
    told(&["verify", id]);
    let me = json(&program.request_as(&ann, "GET", "/users/me", ""));
    assert_eq!(me, verified);

    program.request_as(&ben, "POST", "/journeys/", r#"{"name": "Away"}"#);
    // Nobody can be asked.
    assert!(refused(&["delete", "ben@example.org"]).contains("--yes"));
    assert!(program.request_as(&ben, "GET", "/users/me", "").contains(" 200 "));
    assert!(told(&["delete", "ben@example.org", "--yes"]).contains("ben@example.org"));
    assert!(
        program
            .request_as(&ben, "GET", "/users/me", "")
            .contains("User not found")
    );
    assert!(program.register("ben").contains(" 201 "));
    let checked = succeeds(directory, &["check"], settings);
    assert!(
        checked.contains("nothing to look at") && checked.contains("0 journeys"),
        "{checked}"
    );
}

#[test]
fn riders_are_listed_shown_verified_and_deleted_on_sqlite() {
    riders_are_looked_after(&[]);
}

#[test]
fn riders_are_listed_shown_verified_and_deleted_on_mongodb() {
    let database = TestDatabase::on(replica_set());
    riders_are_looked_after(&[("DATABASE_URL", &database.url())]);
}

fn an_invitation_is_good_for_one_registration(settings: &[(&str, &str)]) {
    let settings = [settings, &[("REGISTRATION", "invite")]].concat();
    let program = start(&settings);
    let register = |name: &str, invite: &str| {
        let mut body: Value = serde_json::from_str(&registration(name)).unwrap();
        body["invite"] = json!(invite);
        program.request("POST", "/users/register", &body.to_string())
    };
    let is_refused = |answer: &str| {
        assert!(
            answer.starts_with("HTTP/1.1 403 ") && answer.contains("Registration is by invitation"),
            "{answer}"
        );
    };
    is_refused(&program.register("ann"));
    let told = succeeds(program.directory(), &["riders", "invite", "--json"], &settings);
    let invitation = parsed(&told);
    assert_eq!(invitation.as_object().unwrap().len(), 2);
    let expires: DateTime<Utc> = invitation["expires"].as_str().unwrap().parse().unwrap();
    // The directory was written to a moment ago.
    let now: DateTime<Utc> = program.directory().metadata().unwrap().modified().unwrap().into();
    let lifetime = expires - now;
    assert!(
        (TimeDelta::hours(13 * 24)..TimeDelta::hours(15 * 24)).contains(&lifetime),
        "{expires}"
    );
    let invite = invitation["invite"].as_str().unwrap();
    is_refused(&register("ann", "another"));
    let answer = register("ann", invite);
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    is_refused(&register("ben", invite));
    let told = succeeds(program.directory(), &["riders", "invite"], &settings);
    let invite = told.lines().next().unwrap().split_whitespace().nth(1).unwrap();
    assert!(register("ben", invite).starts_with("HTTP/1.1 201 "));
}

#[test]
fn an_invitation_is_good_for_one_registration_on_sqlite() {
    an_invitation_is_good_for_one_registration(&[]);
}

#[test]
fn an_invitation_is_good_for_one_registration_on_mongodb() {
    let database = TestDatabase::on(replica_set());
    an_invitation_is_good_for_one_registration(&[("DATABASE_URL", &database.url())]);
}

#[test]
fn riders_of_a_database_that_does_not_exist_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let told = fails(directory.path(), &["riders", "list"], &[]);
    assert!(told.contains("data/kairos.db"), "{told}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}
