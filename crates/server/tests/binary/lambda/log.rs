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
