//! `kairos backup`, and the commands that `docs/DEPLOYMENT.md` shows for it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::console_blocks::{is_shown_by, steps};
use crate::program::{Program, fails, json, kairos, run, wait_until};

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

/// Registers, and marks a place on a journey; gives a token and the marker's path.
fn ride(program: &Program) -> (String, String) {
    program.register("ann");
    let token = program.log_in("ann");
    let journey = json(&program.request_as(&token, "POST", "/journeys/", r#"{"name": "Down the Danube"}"#));
    let markers = format!("/journeys/{}/markers", journey["_id"].as_str().unwrap());
    let ulm = r#"{"name": "Ulm", "marker_type": "past", "coordinates": {"coordinates": [9.99, 48.4]}}"#;
    let marker = json(&program.request_as(&token, "POST", &markers, ulm));
    (token, format!("{markers}/{}", marker["_id"].as_str().unwrap()))
}

fn is_all_there(program: &Program, token: &str, marker: &str) {
    let seen = json(&program.request_as(token, "GET", marker, ""));
    assert_eq!(seen["name"], "Ulm", "{seen}");
    program.log_in("ann");
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
    does(directory.path(), "install", &key);
    let program = Program::start_with(directory, "serve", &key);
    is_all_there(&program, &token, &marker);
}

#[test]
fn a_backup_of_mongodb_is_refused_in_one_line_that_names_mongodump() {
    let directory = tempfile::tempdir().unwrap();
    let settings = [("DATABASE_URL", "mongodb://127.0.0.1:9/kairos")];
    let told = fails(directory.path(), &["backup", "kairos-backup.db"], &settings);
    assert!(told.lines().count() == 1 && told.contains("mongodump"), "{told}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_backup_that_is_stopped_leaves_nothing() {
    // A database that is locked, so that there is time to look.
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("locked.db");
    let lock = rusqlite::Connection::open(&file).unwrap();
    lock.execute_batch("CREATE TABLE anything (x); BEGIN EXCLUSIVE")
        .unwrap();
    let url = format!("sqlite://{}", file.display());
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir_in(directory.path()).unwrap();
        let mut command = kairos(folder.path(), &["backup", "kairos-backup.db"]);
        let command = command.env("DATABASE_URL", &url).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let unfinished = || {
            let mut entries = std::fs::read_dir(folder.path()).unwrap();
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
        assert!(told.contains("stopped by a signal"), "{told}");
    }
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
