//! Mails survive a provider that fails and a process that is killed.

use std::collections::BTreeSet;
use std::thread::scope;
use std::time::{Duration, Instant};

use kairos_test_mongod::{TestDatabase, replica_set};
use wiremock::Request;

use crate::program::Program;
use crate::provider::Provider;
use crate::smtp_sink::SmtpSink;

fn idempotency_keys(mails: &[Request]) -> BTreeSet<String> {
    let key = |mail: &Request| {
        mail.headers
            .get("idempotency-key")
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    mails.iter().map(key).collect()
}

fn a_mail_survives(database: &[(&str, &str)]) {
    let provider = Provider::start();
    provider.answers(500);
    let url = provider.url();
    let settings = [
        database,
        &[("RESEND_API_KEY", "re_test"), ("RESEND_BASE_URL", &url)],
    ]
    .concat();
    let program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings);
    let registration = r#"{"email": "ann@example.org", "name": "Ann", "password": "on two wheels"}"#;
    let answer = program.request("POST", "/users/register", registration);
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let refused = provider.mails();
    program.wait_for_line("mail not sent, it will be tried again");
    let directory = program.kill();

    provider.answers(200);
    let program = Program::start_with(directory, "serve", &settings);
    let accepted = provider.mails();
    program.wait_for_line("mail sent");
    // Once, and under the name that it had the first time.
    assert_eq!(accepted.len(), 1);
    assert_eq!(idempotency_keys(&accepted), idempotency_keys(&refused));
    let directory = program.kill();
    let program = Program::start_with(directory, "serve", &settings);
    let other = registration.replace("ann@", "ben@");
    program.request("POST", "/users/register", &other);
    program.wait_for_line("mail sent");
    assert_eq!(idempotency_keys(&provider.mails()).len(), 2);
    assert_eq!(provider.mails().len(), 2);
}

#[test]
fn a_mail_survives_a_failing_provider_and_a_kill_on_sqlite() {
    a_mail_survives(&[]);
}

#[test]
fn a_mail_survives_a_failing_provider_and_a_kill_on_mongodb() {
    let database = TestDatabase::on(replica_set());
    a_mail_survives(&[("DATABASE_URL", &database.url())]);
}

fn register(program: &Program, name: &str) {
    let registration =
        format!(r#"{{"email": "{name}@example.org", "name": "R", "password": "on two wheels"}}"#);
    let answer = program.request("POST", "/users/register", &registration);
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
}

fn two_processes_send_no_mail_twice(database: &str) {
    let provider = Provider::start();
    provider.answers(200);
    let url = provider.url();
    let settings = [
        ("DATABASE_URL", database),
        ("RATE_LIMIT", "off"),
        ("RESEND_API_KEY", "re_test"),
        ("RESEND_BASE_URL", &url),
    ];
    let start = || Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings);
    let programs = [start(), start()];
    scope(|scope| {
        // Few at once: a request that waits for its turn too long is answered 503 on a busy machine.
        for first in 0..4 {
            let program = &programs[first % 2];
            scope.spawn(move || {
                for number in (first..20).step_by(4) {
                    register(program, &format!("rider{number}"));
                }
            });
        }
    });
    provider.so_many_mails(20);
    // A mail that a second process has taken, too, would come about now.
    for number in 0..4 {
        register(&programs[number % 2], &format!("late{number}"));
    }
    let mails = provider.so_many_mails(24);
    assert_eq!((mails.len(), idempotency_keys(&mails).len()), (24, 24));
}

#[test]
fn two_processes_on_one_mongodb_send_no_mail_twice() {
    let database = TestDatabase::on(replica_set());
    two_processes_send_no_mail_twice(&database.url());
}

#[test]
fn two_processes_on_one_sqlite_file_send_no_mail_twice() {
    let directory = tempfile::tempdir().unwrap();
    two_processes_send_no_mail_twice(&format!(
        "sqlite://{}",
        directory.path().join("kairos.db").display()
    ));
}

#[test]
fn a_provider_that_hangs_holds_up_nothing() {
    let provider = Provider::start();
    provider.answers(200);
    provider.hangs_over("slow");
    let url = provider.url();
    let settings = [("RESEND_API_KEY", "re_test"), ("RESEND_BASE_URL", &url)];
    let mut program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings);
    for number in 0..8 {
        register(&program, &format!("slow{number}"));
    }
    provider.so_many_mails(8);
    // Neither requests nor the mails of others wait for these, which never leave.
    register(&program, "quick");
    program.wait_for_line("mail sent");
    // Nor does the stop.
    program.signal("TERM");
    assert!(program.wait().success());
}

#[test]
fn a_mail_waits_for_a_mail_server_that_refuses_and_leaves_once() {
    let sink = SmtpSink::start();
    sink.refuses(true);
    let port = sink.port();
    let settings = [("MAIL_SERVER", "127.0.0.1"), ("MAIL_PORT", &*port)];
    let program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings);
    register(&program, "ann");
    sink.wait_for_refusal();
    program.wait_for_line("mail not sent, it will be tried again");
    sink.refuses(false);
    program.wait_for_line("mail sent");
    register(&program, "ben");
    let mails = sink.mails(2);
    assert_eq!(mails.len(), 2);
    for (mail, rider) in mails.iter().zip(["ann", "ben"]) {
        assert!(mail.contains(&format!("RCPT TO:<{rider}@example.org>")), "{mail}");
        assert!(
            mail.contains("Subject: Kairos: Please confirm your e-mail address"),
            "{mail}"
        );
    }
}

#[test]
fn a_mailbox_that_is_refused_for_good_is_not_tried_again() {
    let sink = SmtpSink::start();
    sink.answers("ann@", "550 5.1.1 <ann@example.org> unknown here");
    sink.answers("ben@", "550 5.7.1 relaying denied");
    let port = sink.port();
    let settings = [
        ("MAIL_SERVER", "127.0.0.1"),
        ("MAIL_PORT", &*port),
        ("MAIL_HELO", "ride.example.org"),
    ];
    let program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings);
    register(&program, "ann");
    program.wait_for_line("mail refused for good, not retrying");
    // A refusal that the operator can mend comes after it, and is tried again: so the worker has come by.
    register(&program, "ben");
    sink.wait_for_attempts("ben@", 2);
    assert_eq!(sink.attempts("ann@"), 1);
    let log = program.log();
    assert_eq!(log.matches("550 5.1.1 to the recipient").count(), 1, "{log}");
    assert!(!log.contains("ann@"), "{log}");
}

#[test]
fn a_mail_waits_as_long_as_the_provider_asks() {
    let provider = Provider::start();
    provider.answers_later("8");
    let url = provider.url();
    let settings = [("RESEND_API_KEY", "re_test"), ("RESEND_BASE_URL", &url)];
    let program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings);
    let begun = Instant::now();
    register(&program, "ann");
    provider.so_many_mails(2);
    assert!(begun.elapsed() >= Duration::from_secs(8), "it came too early");
}
