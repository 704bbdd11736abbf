//! The server stops gracefully, survives SIGKILL and hostile requests, and logs no secret.

use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::scope;

use crate::program::{Program, wait_until};
use crate::provider::Provider;

const REGISTRATION: &str = r#"{"email": "mia@example.com", "name": "Mia", "password": "on two wheels"}"#;

#[test]
fn a_signal_lets_the_request_in_flight_finish() {
    for signal in ["TERM", "INT"] {
        let mut program = Program::start("serve");
        let mut stream = program.connect();
        let length = REGISTRATION.len();
        write!(
            stream,
            "POST /api/v1/users/register HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n\r\n"
        )
        .unwrap();
        // The server asks for the body: the request is in flight.
        let mut asked = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
        stream.read_exact(&mut asked).unwrap();
        program.signal(signal);
        wait_until("the signal is heard", || program.log().contains("asked to stop"));
        stream.write_all(REGISTRATION.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert!(program.wait().success());
    }
}

#[test]
fn a_stop_waits_neither_for_a_stuck_request_nor_for_a_stuck_mail() {
    let provider = Provider::start();
    provider.answers(200);
    provider.hangs_over("mia@example.com");
    let url = provider.url();
    let settings = [("RESEND_API_KEY", "re_test"), ("RESEND_BASE_URL", &url)];
    let mut program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings);
    program.request("POST", "/users/register", REGISTRATION);
    provider.mails();
    // A mail that doesn't leave, and a request whose body doesn't come.
    let mut stream = program.connect();
    let head = "POST /api/v1/users/register HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream
        .read_exact(&mut [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()])
        .unwrap();
    program.signal("TERM");
    assert!(program.wait().success());
    let log = program.log();
    assert!(
        log.contains("requests were still in flight") && log.contains("a mail was still leaving"),
        "{log}"
    );
}

#[test]
fn what_was_answered_survives_a_kill() {
    let program = Program::start("serve");
    assert!(
        program
            .request("POST", "/users/register", REGISTRATION)
            .starts_with("HTTP/1.1 201 ")
    );
    let program = Program::start_in(program.kill(), "serve");
    let again = program.request("POST", "/users/register", REGISTRATION);
    assert!(again.contains("Email already registered"), "{again}");
}

#[test]
fn a_database_that_others_hold_is_a_503_until_it_is_free() {
    let program = Program::start("serve");
    let other = rusqlite::Connection::open(program.directory().join("data/kairos.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = program.request("POST", "/users/register", REGISTRATION);
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(
        answer.contains("\r\nretry-after: ") && answer.contains("The database is unavailable"),
        "{answer}"
    );
    assert!(
        program.log().contains("cause=the database is unavailable"),
        "{}",
        program.log()
    );
    other.execute_batch("ROLLBACK").unwrap();
    assert!(
        program
            .request("POST", "/users/register", REGISTRATION)
            .starts_with("HTTP/1.1 201 ")
    );
}

#[test]
fn the_log_has_each_request_and_no_secret() {
    let program = Program::start("serve");
    program.request("POST", "/users/register", REGISTRATION);
    let answer = program.request(
        "POST",
        "/users/update-password?token=top.secret.token&new_password=hunter2hunter2",
        "",
    );
    let id = answer
        .lines()
        .find_map(|line| line.strip_prefix("x-request-id: "))
        .unwrap()
        .to_owned();
    wait_until("the request is logged", || program.log().contains(&id));
    let log = program.log();
    for secret in ["on two wheels", "mia@example.com", "top.secret.token", "hunter2"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    assert!(log.contains("status=201") && log.contains("duration_ms="));
    assert!(
        log.contains("status=400") && log.contains("refusal=Invalid or expired token"),
        "{log}"
    );
}

#[test]
fn ten_nasty_requests_harm_nobody() {
    let program = Program::start("serve");
    let nasty: [&[u8]; 10] = [
        b"\0\0\0\0\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/v1/users/%FF%FE HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"GET /api/v1/%00 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"POST /api/v1/auth/token HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /api/v1/users/register HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n\xff\xfe",
        b"POST /api/v1/users/register HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"POST /api/v1/users/register HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{\"a\":1e99",
        b"GET /api/v1/users/me HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer \xff\r\n\r\n",
        b"DELETE /api/v1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    ];
    for request in nasty {
        let mut stream = program.connect();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        // The server may close before it has read all.
        drop(stream.read_to_end(&mut answer));
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{request:?}: {answer}"
        );
    }
    assert!(program.request("GET", "/", "").ends_with("\"pong\""));
}

#[test]
fn a_storm_of_log_ins_holds_up_no_other_request() {
    let program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &[("RATE_LIMIT", "off")]);
    let (checked, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    if is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    let answer = program.post_form("/auth/token", "username=x&password=a+guess");
                    let is_checked = answer.starts_with("HTTP/1.1 400 ");
                    checked.fetch_add(usize::from(is_checked), Ordering::SeqCst);
                    // On a busy machine a password may wait too long.
                    assert!(is_checked || answer.starts_with("HTTP/1.1 503 "), "{answer}");
                }
            });
        }
        wait_until("passwords are being checked", || {
            checked.load(Ordering::SeqCst) > 0
        });
        let before = checked.load(Ordering::SeqCst);
        for _ in 0..20 {
            for path in ["/", "/mongodb", "/users/me"] {
                assert!(program.request("GET", path, "").starts_with("HTTP/1.1 "));
            }
        }
        let meanwhile = checked.load(Ordering::SeqCst) - before;
        is_over.store(true, Ordering::SeqCst);
        assert!(meanwhile < 60, "each of sixty answers waited for a password");
    });
}
