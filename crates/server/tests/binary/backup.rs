//! `docs/DEPLOYMENT.md` says how to back up and restore: its commands, run on both stores.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use bson::oid::ObjectId;
use bson::{Document, doc};
use kairos_test_mongod::{Server, TestDatabase, standalone};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::console_blocks::{is_shown_by, steps};
use crate::program::{Program, kairos, run, wait_until};

const DEPLOYMENT: &str = include_str!("../../../../docs/DEPLOYMENT.md");

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// The command that begins so, run as it stands; its output is what the page shows.
fn does(directory: &Path, beginning: &str, settings: &[(&str, &str)]) {
    let (_, section) = DEPLOYMENT.split_once("\n## Backup and restore\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let steps = steps(section);
    let step = steps
        .iter()
        .find(|step| step.command.starts_with(beginning))
        .unwrap();
    let folder = Path::new(env!("CARGO_BIN_EXE_kairos")).parent().unwrap();
    let output = Command::new("bash")
        .args(["-euc", &step.command])
        .current_dir(directory)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(told.lines().count(), step.shown.lines().count(), "{told}");
    for (shown, line) in step.shown.lines().zip(told.lines()) {
        assert!(is_shown_by(shown, line), "{shown}: {line}");
    }
}

fn json(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Registers, and marks a place on a journey; gives a token and the marker's path.
fn ride(program: &Program) -> (String, String) {
    let rider = r#"{"email": "ann@example.org", "name": "Ann", "password": "on two wheels"}"#;
    program.request("POST", "/users/register", rider);
    let tokens = json(&program.post_form("/auth/token", "username=ann@example.org&password=on+two+wheels"));
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    let journey = json(&program.request_as(&token, "POST", "/journeys/", r#"{"name": "Down the Danube"}"#));
    let markers = format!("/journeys/{}/markers", journey["_id"].as_str().unwrap());
    let ulm = r#"{"name": "Ulm", "marker_type": "past", "coordinates": {"coordinates": [9.99, 48.4]}}"#;
    let marker = json(&program.request_as(&token, "POST", &markers, ulm));
    (token, format!("{markers}/{}", marker["_id"].as_str().unwrap()))
}

fn is_all_there(program: &Program, token: &str, marker: &str) {
    let seen = json(&program.request_as(token, "GET", marker, ""));
    assert_eq!(seen["name"], "Ulm", "{seen}");
    let log_in = program.post_form("/auth/token", "username=ann@example.org&password=on+two+wheels");
    assert!(log_in.starts_with("HTTP/1.1 200 "), "{log_in}");
}

#[test]
fn a_sqlite_database_is_backed_up_while_it_is_used_and_comes_back() {
    let key = [("SECRET_KEY", KEY)];
    let program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &key);
    let (token, marker) = ride(&program);
    does(program.directory(), "kairos backup", &key);
    // What comes after it is not in it.
    program.request_as(&token, "DELETE", &marker, "");
    let file = program.directory().join("kairos-backup.db");
    assert_eq!(mode(&file), 0o600);
    let again = run(program.directory(), &["backup", "kairos-backup.db"], &key);
    assert_eq!(again.status.code(), Some(1), "a backup is never overwritten");
    let directory = program.kill();
    does(directory.path(), "mkdir aside", &key);
    does(
        directory.path(),
        "kairos copy --from sqlite://kairos-backup.db --to sqlite:",
        &key,
    );
    let program = Program::start_with(directory, "serve", &key);
    is_all_there(&program, &token, &marker);
}

#[test]
fn a_mongodb_database_is_backed_up_while_it_is_used_and_comes_back() {
    let (first, second) = (TestDatabase::on(standalone()), TestDatabase::on(standalone()));
    let settings =
        [("SECRET_KEY", KEY), ("DATABASE_URL", &*first.url())].map(|(key, value)| (key, value.to_owned()));
    let settings: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (*key, &**value)).collect();
    let program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings);
    let (token, marker) = ride(&program);
    does(program.directory(), "kairos backup", &settings);
    let left: Vec<_> = std::fs::read_dir(program.directory())
        .unwrap()
        .flatten()
        .collect();
    assert!(
        left.iter()
            .all(|file| !file.file_name().to_string_lossy().starts_with(".kairos"))
    );
    let directory = program.kill();
    let restored = second.url();
    let copy = "kairos copy --from sqlite://kairos-backup.db --to \"$RESTORED_URL\"";
    does(directory.path(), copy, &[("RESTORED_URL", &restored)]);
    let settings = [("SECRET_KEY", KEY), ("DATABASE_URL", &*restored)];
    let program = Program::start_with(directory, "serve", &settings);
    is_all_there(&program, &token, &marker);
}

/// A rider, their journey and its marker, in as many collections.
fn a_rider_with_a_journey(number: usize) -> [(&'static str, Document); 3] {
    let [rider, journey, marker] = [(); 3].map(|()| ObjectId::new());
    let created_at = bson::DateTime::from_millis(1_600_000_000_000);
    let email = format!("{number}@example.org");
    let user = doc! {
        "_id": rider, "email": &email, "email_key": &email, "email_key_is_unique": true, "name": "Rider", "password": "x",
        "is_verified": true,
    };
    let journey_document =
        doc! { "_id": journey, "user_id": rider, "name": "Road", "created_at": created_at };
    let marker = doc! {
        "_id": marker, "journey_id": journey, "owner_id": rider, "marker_type": "plan", "created_at": created_at,
        "coordinates": { "type": "Point", "coordinates": [9.99, 48.4] },
    };
    [
        ("users", user),
        ("journeys", journey_document),
        ("markers", marker),
    ]
}

#[test]
fn a_backup_says_nothing_of_journeys_that_are_made_meanwhile_and_names_orphans() {
    let directory = tempfile::tempdir().unwrap();
    let database = TestDatabase::on(standalone());
    let run_time = Runtime::new().unwrap();
    let collections = run_time.block_on(database.database());
    let put = async |number: usize, kinds: &[&str]| {
        for (kind, document) in a_rider_with_a_journey(number) {
            if kinds.contains(&kind) {
                let collection = collections.collection::<Document>(kind);
                collection.insert_one(document).await.unwrap();
            }
        }
    };
    run_time.block_on(async {
        for number in 0..600 {
            put(number, &["users", "journeys", "markers"]).await;
        }
        put(600, &["markers"]).await;
    });
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 601;
            while !is_over.load(Relaxed) && number < 20_000 {
                run_time.block_on(put(number, &["users", "journeys", "markers"]));
                number += 1;
            }
        });
        let settings = [("DATABASE_URL", &*database.url())];
        let backups =
            ["1.db", "2.db", "3.db"].map(|file| run(directory.path(), &["backup", file], &settings));
        is_over.store(true, Relaxed);
        for backup in backups {
            let told = String::from_utf8(backup.stdout).unwrap();
            assert!(backup.status.success(), "{told}");
            assert_eq!(told.matches("left behind").count(), 1, "{told}");
            assert!(told.contains("what it belongs to is gone"), "{told}");
        }
    });
}

#[test]
fn a_backup_that_is_being_written_is_its_owners_only_and_goes_when_it_is_stopped() {
    // A database that hangs, so that there is time to look.
    let server = Server::of_one_test();
    let url = format!("{}hanging", server.url());
    server.signal("-STOP");
    for signal in ["TERM", "INT"] {
        let directory = tempfile::tempdir().unwrap();
        let settings = [("DATABASE_URL", &*url), ("MONGODB_TIMEOUT_SECONDS", "8")];
        let mut command = kairos(directory.path(), &["backup", "kairos-backup.db"]);
        let command = command.envs(settings).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let unfinished = || {
            let mut entries = std::fs::read_dir(directory.path()).unwrap();
            entries.next().map(|entry| entry.unwrap().path())
        };
        wait_until("it has begun", || unfinished().is_some());
        assert_eq!(mode(&unfinished().unwrap()), 0o700);
        let process = child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &process]).status();
        assert!(sent.unwrap().success());
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), unfinished()), (Some(1), None), "{told}");
        assert!(told.contains("asked to stop"), "{told}");
    }
    server.signal("-CONT");
}

#[test]
fn a_service_is_asked_how_it_is() {
    let program = Program::start("serve");
    let port = program.port().to_string();
    let told = run(program.directory(), &["health"], &[("PORT", &port)]);
    assert!(told.status.success());
    assert!(
        String::from_utf8(told.stdout)
            .unwrap()
            .contains(r#""status":"ok""#)
    );
    let directory = program.kill();
    let told = run(directory.path(), &["health"], &[("PORT", &port)]);
    assert_eq!(told.status.code(), Some(1));
    assert!(String::from_utf8(told.stderr).unwrap().contains("doesn't answer"));
}

fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}
