//! Metrics are given on a listener of their own, if at all.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::program::{Program, free_port, run};

fn metrics(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn requests_and_mails_are_counted_by_what_they_are() {
    let address = format!("127.0.0.1:{}", free_port());
    let directory = tempfile::tempdir().unwrap();
    let program = Program::start_with(directory, "serve", &[("METRICS_LISTEN", &address)]);
    let registration = r#"{"email": "ann@example.org", "name": "Ann", "password": "on two wheels"}"#;
    program.request("POST", "/users/register", registration);
    program.request("GET", "/users/0123456789abcdef01234567", "");
    program.request("GET", "/users/0123456789abcdef01234568", "");
    program.request("BREW", "/tea/4711", "");
    program.wait_for_line("mail sent");
    let told = metrics(&address);
    assert!(
        told.starts_with("HTTP/1.1 200 ") && told.contains("\r\ncontent-type: text/plain; version=0.0.4")
    );
    for line in [
        "# TYPE kairos_http_request_duration_seconds histogram",
        r#"kairos_http_request_duration_seconds_count{method="POST",route="/api/v1/users/register",status="2xx"} 1"#,
        r#"kairos_http_request_duration_seconds_count{method="GET",route="/api/v1/users/{user_id}",status="4xx"} 2"#,
        r#"kairos_http_request_duration_seconds_count{method="other",route="none",status="4xx"} 1"#,
        r#"kairos_http_request_duration_seconds_bucket{method="POST",route="/api/v1/users/register",status="2xx",le="30"} 1"#,
        "kairos_http_requests_in_flight 0",
        r#"kairos_mails_total{kind="verify_email",outcome="sent"} 1"#,
        r#"kairos_build_info{version=""#,
        "process_resident_memory_bytes ",
    ] {
        assert!(told.lines().any(|told| told.starts_with(line)), "{line}: {told}");
    }
    for private in ["0123456789abcdef", "4711", "BREW", "ann@"] {
        assert!(!told.contains(private), "{private}: {told}");
    }
}

#[test]
fn the_public_listener_gives_no_metrics() {
    let program = Program::start("serve");
    let answer = metrics(&format!("127.0.0.1:{}", program.port()));
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    // Somebody else listens there: nothing is touched.
    let directory = tempfile::tempdir().unwrap();
    let taken = format!("127.0.0.1:{}", program.port());
    let output = run(
        directory.path(),
        &["serve"],
        &[("METRICS_LISTEN", &taken), ("PORT", "0")],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("METRICS_LISTEN")
    );
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}
