//! Malformed requests, and requests without exactly one `Host`.

use super::*;

/// Checks that the response to `request` has the form of all refusals.
async fn is_refused(client: &mut Conversation, request: &str, status: u16, code: &str) {
    // The check runs on a connection that has been used before.
    client.is_usable().await;
    client.send(request).await;
    let answer = client.answer().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let start: String = request.chars().take(60).collect();
    assert!(head.contains(&format!(" {status} ")), "{start}: {head}");
    assert!(
        head.contains("\r\ncontent-type: application/json"),
        "{start}: {head}"
    );
    assert!(head.contains("\r\nx-request-id: 000"), "{start}: {head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert!(
        body["detail"].is_string() && body["code"] == code,
        "{start}: {body}"
    );
}

/// Checks that a connection is closed after the refusal, without a reset.
async fn is_the_end(request: &str, status: u16, code: &str) {
    let server = start(ServerBounds::default()).await;
    let mut client = Conversation::begin(&server).await;
    is_refused(&mut client, request, status, code).await;
    client.is_closed().await;
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_the_usual_form() {
    is_the_end("nonsense\r\n\r\n", 400, "bad_request").await;
    is_the_end("GET / HTTP/1.1\r\nhost\r\n\r\n", 400, "bad_request").await;
    is_the_end(
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        400,
        "bad_request",
    )
    .await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_in_the_usual_form() {
    let header = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(300_000));
    is_the_end(&header, 431, "headers_too_large").await;
    let fields = "a: b\r\n".repeat(200);
    is_the_end(
        &format!("GET / HTTP/1.1\r\nhost: x\r\n{fields}\r\n"),
        431,
        "headers_too_large",
    )
    .await;
}

#[tokio::test]
async fn a_request_needs_exactly_one_host() {
    let server = start(ServerBounds::default()).await;
    let mut client = Conversation::begin(&server).await;
    for (hosts, body) in [
        ("", ""),
        ("host: x\r\nhost: x\r\n", ""),
        ("content-length: 4\r\n", "body"),
    ] {
        let request = format!("POST /echo HTTP/1.1\r\n{hosts}\r\n{body}");
        is_refused(&mut client, &request, 400, "bad_request").await;
    }
    client.is_usable().await;
    client.send("GET / HTTP/1.0\r\n\r\n").await;
    assert!(client.answer().await.starts_with("HTTP/1.0 200 OK\r\n"));
}
