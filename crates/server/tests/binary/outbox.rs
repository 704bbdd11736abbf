//! Mails survive a provider that fails and a process that is killed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use kairos_test_mongod::{TestDatabase, standalone};
use tokio::runtime::Runtime;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::program::Program;

/// What stands where Resend stands.
struct Provider {
    run_time: Runtime,
    server: MockServer,
}

impl Provider {
    fn start() -> Self {
        let run_time = Runtime::new().unwrap();
        let server = run_time.block_on(MockServer::start());
        Self { run_time, server }
    }

    /// From now on it answers every mail so.
    fn answers(&self, status: u16) {
        let answer = ResponseTemplate::new(status).set_body_json(serde_json::json!({"id": "1"}));
        let mock = Mock::given(method("POST"))
            .and(path("/emails"))
            .respond_with(answer);
        self.run_time.block_on(async {
            self.server.reset().await;
            self.server.register(mock).await;
        });
    }

    /// The mails it was handed since then, as soon as there are any.
    fn mails(&self) -> Vec<Request> {
        let begun = Instant::now();
        loop {
            let mails = self.run_time.block_on(self.server.received_requests()).unwrap();
            if !mails.is_empty() {
                return mails;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "no mail came");
            std::thread::yield_now();
        }
    }
}

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

/// Waits until a running program has written a line to its log.
fn wait_for_line(program: &Program, line: &str) {
    let begun = Instant::now();
    while !program.log().contains(line) {
        assert!(begun.elapsed() < Duration::from_secs(30), "never logged: {line}");
        std::thread::yield_now();
    }
}

fn a_mail_survives(database: &[(&str, &str)]) {
    let provider = Provider::start();
    provider.answers(500);
    let url = provider.server.uri();
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
    wait_for_line(&program, "mail not sent, it will be tried again");
    let directory = program.kill();

    provider.answers(200);
    let program = Program::start_with(directory, "serve", &settings);
    let accepted = provider.mails();
    wait_for_line(&program, "mail sent");
    // Once, and under the name that it had the first time.
    assert_eq!(accepted.len(), 1);
    assert_eq!(idempotency_keys(&accepted), idempotency_keys(&refused));
    let directory = program.kill();
    let program = Program::start_with(directory, "serve", &settings);
    let other = registration.replace("ann@", "ben@");
    program.request("POST", "/users/register", &other);
    wait_for_line(&program, "mail sent");
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
