use kairos_test_lambda::HttpRequest;
use serde_json::{Value, json};

use super::Deployed;

impl Deployed {
    /// The line of the log about the answer to an invocation.
    fn line_about(&self, invocation: &str) -> Value {
        let log = self.function.log();
        let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
        let mut about = lines.filter(|line: &Value| line["span"]["invocation"] == invocation);
        about.find(|line| line["message"] == "answered").unwrap()
    }
}

#[test]
fn an_answer_has_the_name_of_its_invocation_unless_the_client_brings_one() {
    let mut deployed = Deployed::start();
    let answer = deployed.get("/api/v1/");
    assert_eq!(answer.headers["x-request-id"], answer.id);
    let request = HttpRequest::new("GET", "/api/v1/").header("x-request-id", "mine");
    let mine = deployed.send(&request);
    assert_eq!(mine.headers["x-request-id"], "mine");
    let log = deployed.function.log();
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(
            line["timestamp"].is_string() && line["level"].is_string(),
            "{line}"
        );
    }
    let line = deployed.line_about(&answer.id);
    assert_eq!(
        (&line["status"], &line["span"]["request_id"]),
        (&json!(200), &json!(answer.id))
    );
    assert!(line["duration_ms"].is_number(), "{line}");
    // Whatever it is called, Lambda's name for it is there.
    assert_eq!(deployed.line_about(&mine.id)["span"]["request_id"], "mine");
}

#[test]
fn the_log_holds_no_secret_however_much_it_tells() {
    let mut deployed = Deployed::start_with(&[("LOG", "trace,lambda_runtime::layers=trace")]);
    deployed.register("ann");
    let form = "username=ann@example.org&password=on+two+wheels";
    let log_in =
        HttpRequest::new("POST", "/api/v1/auth/token").body("application/x-www-form-urlencoded", form);
    let tokens = deployed.send(&log_in).json();
    let (access, refresh) = (
        tokens["access_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
    );
    let me = HttpRequest::new("GET", "/api/v1/users/me").header("authorization", &format!("Bearer {access}"));
    assert_eq!(deployed.send(&me).status, 200);
    let renew = deployed.post(
        "/api/v1/auth/refresh",
        &json!({"refresh_token": refresh}).to_string(),
    );
    assert_eq!(renew.status, 200);
    let log = deployed.function.log();
    assert!(log.contains("TRACE"), "{log}");
    for secret in [
        "on two wheels",
        "on+two+wheels",
        "ann@example.org",
        access,
        refresh,
        "0123456789abcdef0123456789abcdef",
    ] {
        assert!(!log.contains(secret), "{secret}");
    }
    // In base64, as API Gateway hands forms over.
    assert!(!log.contains("dXNlcm5hbWU9"), "{log}");
}
