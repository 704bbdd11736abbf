//! Mails survive a provider that fails and a process that is killed.

use std::collections::BTreeSet;

use kairos_test_mongod::{TestDatabase, standalone};
use wiremock::Request;

use crate::program::Program;
use crate::provider::Provider;

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
    let database = TestDatabase::on(standalone());
    a_mail_survives(&[("DATABASE_URL", &database.url())]);
}
