//! Sessions of a rider whose requests reach several processes.

use std::thread::{scope, sleep};
use std::time::Duration;

use kairos_test_mongod::{TestDatabase, replica_set};
use serde_json::Value;

use crate::program::Program;

const REGISTRATION: &str = r#"{"email": "ann@example.org", "name": "Ann", "password": "on two wheels"}"#;

struct Tokens {
    access: String,
    refresh: String,
}

fn tokens(answer: &str) -> Tokens {
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let tokens: Value = serde_json::from_str(body).unwrap();
    let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
    Tokens {
        access: token("access_token"),
        refresh: token("refresh_token"),
    }
}

fn log_in(program: &Program) -> Tokens {
    tokens(&program.post_form("/auth/token", "username=ann@example.org&password=on+two+wheels"))
}

fn refresh(program: &Program, token: &str) -> String {
    program.post_form("/auth/refresh", &format!("refresh_token={token}"))
}

fn is_refused(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 403 ") && answer.contains("Invalid refresh token")
}

fn me(program: &Program, token: &str) -> String {
    program.request_as(token, "GET", "/users/me", "")
}

fn two_processes_keep_one_session(url: &str) {
    let start = || Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings(url));
    let (one, other) = (start(), start());
    let registered = one.request("POST", "/users/register", REGISTRATION);
    assert!(registered.starts_with("HTTP/1.1 201 "), "{registered}");

    // Many tabs at once: each gets a successor that is good, at either process.
    let first = log_in(&one);
    let siblings: Vec<Tokens> = scope(|scope| {
        let uses: Vec<_> = (0..30)
            .map(|number| {
                let (program, token) = ([&one, &other][number % 2], &first.refresh);
                scope.spawn(move || tokens(&refresh(program, token)))
            })
            .collect();
        uses.into_iter().map(|used| used.join().unwrap()).collect()
    });
    let descendant = tokens(&refresh(&other, &siblings[0].refresh));
    tokens(&refresh(&one, &siblings[29].refresh));

    // A log-out ends the whole family, at both.
    let out = one.post_form("/auth/logout", &format!("refresh_token={}", siblings[7].refresh));
    assert!(out.starts_with("HTTP/1.1 204 "), "{out}");
    for token in [&first.refresh, &siblings[1].refresh, &descendant.refresh] {
        assert!(is_refused(&refresh(&other, token)));
    }

    // A stolen token is used after its time: so does the thief's family end.
    let first = log_in(&other);
    let second = tokens(&refresh(&one, &first.refresh));
    #[expect(
        clippy::disallowed_methods,
        reason = "the grace of a used token is ten real seconds"
    )]
    sleep(Duration::from_secs(11));
    let third = tokens(&refresh(&other, &second.refresh));
    assert!(is_refused(&refresh(&one, &first.refresh)));
    assert!(is_refused(&refresh(&other, &third.refresh)));

    // A new password ends what was before it, at both.
    let (here, there) = (log_in(&one), log_in(&other));
    let change = r#"{"current_password": "on two wheels", "new_password": "on three wheels"}"#;
    let changed = tokens(&one.request_as(&here.access, "POST", "/users/me/password", change));
    for program in [&one, &other] {
        assert!(me(program, &changed.access).starts_with("HTTP/1.1 200 "));
        assert!(me(program, &there.access).contains("Access token has been revoked"));
        assert!(is_refused(&refresh(program, &here.refresh)));
        assert!(is_refused(&refresh(program, &there.refresh)));
    }
    tokens(&refresh(&other, &changed.refresh));
}

fn settings(url: &str) -> [(&str, &str); 2] {
    [
        ("DATABASE_URL", url),
        ("SECRET_KEY", "one signing key for both processes"),
    ]
}

#[test]
fn two_processes_on_one_mongodb_keep_one_session() {
    let database = TestDatabase::on(replica_set());
    two_processes_keep_one_session(&database.url());
}

#[test]
fn two_processes_on_one_sqlite_file_keep_one_session() {
    let directory = tempfile::tempdir().unwrap();
    two_processes_keep_one_session(&format!(
        "sqlite://{}",
        directory.path().join("kairos.db").display()
    ));
}
