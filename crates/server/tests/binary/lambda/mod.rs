//! The program as a function on AWS Lambda, behind API Gateway.

mod every_route;
mod log;
mod mails;
mod migrating;
mod requests;
mod starting;

use std::path::Path;

use kairos_test_lambda::{Function, HttpAnswer, HttpRequest};
use kairos_test_mongod::{TestDatabase, replica_set};
use tempfile::TempDir;

use crate::provider::Provider;

/// A function with what it needs around it.
struct Deployed {
    function: Function,
    provider: Provider,
    database: TestDatabase,
    _directory: TempDir,
}

impl Deployed {
    fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with more settings.
    fn start_with(more: &[(&str, &str)]) -> Self {
        let provider = Provider::start();
        provider.answers(200);
        let database = TestDatabase::on(replica_set());
        let directory = tempfile::tempdir().unwrap();
        let function = start(directory.path(), &database.url(), &provider.url(), more);
        Self {
            function,
            provider,
            database,
            _directory: directory,
        }
    }

    fn send(&mut self, request: &HttpRequest) -> HttpAnswer {
        self.function.request(request)
    }

    fn get(&mut self, path: &str) -> HttpAnswer {
        self.send(&HttpRequest::new("GET", path))
    }

    fn post(&mut self, path: &str, json: &str) -> HttpAnswer {
        self.send(&HttpRequest::new("POST", path).body("application/json", json))
    }

    fn register(&mut self, name: &str) -> HttpAnswer {
        let rider = format!(r#"{{"email": "{name}@example.org", "name": "R", "password": "on two wheels"}}"#);
        self.post("/api/v1/users/register", &rider)
    }
}

fn start(directory: &Path, database: &str, provider: &str, more: &[(&str, &str)]) -> Function {
    let settings = [
        ("ENVIRONMENT", "production"),
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ("DATABASE_URL", database),
        ("FRONTEND_URL", "https://ride.example.org"),
        ("MAIL_FROM", "Kairos <kairos@example.org>"),
        ("RESEND_API_KEY", "re_test"),
        ("RESEND_BASE_URL", provider),
        ("MONGODB_MAX_CONNECTIONS", "4"),
    ];
    Function::start(
        Path::new(env!("CARGO_BIN_EXE_kairos")),
        directory,
        &[&settings, more].concat(),
    )
}

/// The token in the link of a mail.
fn token(mail: &wiremock::Request) -> String {
    let mail: serde_json::Value = serde_json::from_slice(&mail.body).unwrap();
    let (_, link) = mail["text"].as_str().unwrap().split_once("token=").unwrap();
    link.split_whitespace().next().unwrap().to_owned()
}
