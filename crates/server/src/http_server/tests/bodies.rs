//! Responses that are sent before the request body is read.

use super::*;

/// Pauses until the server has responded, unless it waits for the request body.
async fn pause() {
    sleep(SHORT / 10).await;
}

#[tokio::test]
async fn an_answer_without_the_body_leaves_the_connection_usable() {
    let server = start(ServerBounds::default()).await;
    for (target, status) in [
        ("POST /unread", 200),
        ("POST /refused", 401),
        ("POST /nowhere", 404),
        ("DELETE /unread", 405),
        ("GET /", 200),
    ] {
        for length in [1, 40_000, 3_000_000] {
            let mut client = Conversation::begin(&server).await;
            client
                .send(format!(
                    "{target} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n"
                ))
                .await;
            pause().await;
            for part in vec![b'x'; length].chunks(1_000_000) {
                client.send(part).await;
                pause().await;
            }
            let answer = client.answer().await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{target}: {answer}"
            );
            assert!(!answer.contains("connection: close"), "{target}: {answer}");
            client.is_usable().await;
        }
    }
}

#[tokio::test]
async fn a_chunked_body_is_read_to_its_end_too() {
    let server = start(ServerBounds::default()).await;
    let mut client = Conversation::begin(&server).await;
    client
        .send("POST /refused HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    for part in ["5\r\nhello\r\n", "5\r\nworld\r\n", "0\r\n\r\n"] {
        pause().await;
        client.send(part).await;
    }
    assert!(client.answer().await.starts_with("HTTP/1.1 401 "));
    client.is_usable().await;
}

#[tokio::test]
async fn a_client_that_asks_before_it_sends_is_asked_for_the_body() {
    let server = start(ServerBounds::default()).await;
    let mut client = Conversation::begin(&server).await;
    client
        .send("POST /refused HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n")
        .await;
    assert!(client.answer().await.starts_with("HTTP/1.1 100 "));
    client.send("body").await;
    assert!(client.answer().await.starts_with("HTTP/1.1 401 "));
    client.is_usable().await;
}

#[tokio::test]
async fn more_than_is_read_closes_the_connection_after_the_answer() {
    let server = start(ServerBounds {
        rest_bytes: 1000,
        ..ServerBounds::default()
    })
    .await;
    for (length, sent) in [
        ("content-length: 1001", ""),
        ("transfer-encoding: chunked", "3e9\r\n"),
    ] {
        let mut client = Conversation::begin(&server).await;
        client
            .send(format!(
                "POST /refused HTTP/1.1\r\nhost: x\r\n{length}\r\n\r\n{sent}"
            ))
            .await;
        if !sent.is_empty() {
            client.send([b'x'; 1001]).await;
        }
        let answer = client.answer().await;
        assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("\r\nconnection: close\r\n"));
        // The server reads what the client is still sending, so nothing is reset.
        client.send([b'x'; 500]).await;
        client.is_closed().await;
    }
}

#[tokio::test]
async fn the_rest_of_a_file_is_read_up_to_the_largest_file() {
    let server = start(ServerBounds {
        rest_bytes: 1000,
        ..ServerBounds::default()
    })
    .await;
    let mut client = Conversation::begin(&server).await;
    for length in [1_001, 2_000] {
        client
            .send(format!(
                "POST /no-file HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n"
            ))
            .await;
        client.send(vec![b'x'; length]).await;
        assert!(client.answer().await.starts_with("HTTP/1.1 401 "));
    }
    client
        .send("POST /no-file HTTP/1.1\r\nhost: x\r\ncontent-length: 2001\r\n\r\n")
        .await;
    assert!(client.answer().await.contains("\r\nconnection: close\r\n"));
}

#[tokio::test]
async fn a_rest_that_does_not_come_closes_the_connection_after_the_answer() {
    let server = start(ServerBounds {
        rest_time: SHORT,
        linger_time: SHORT,
        ..ServerBounds::default()
    })
    .await;
    let mut client = Conversation::begin(&server).await;
    client
        .send("POST /refused HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf")
        .await;
    let answer = client.answer().await;
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("\r\nconnection: close\r\n"));
    client.is_closed().await;
}

#[tokio::test]
async fn the_server_reads_on_for_a_second_and_no_longer() {
    let server = start(ServerBounds {
        rest_bytes: 0,
        linger_time: SHORT,
        ..ServerBounds::default()
    })
    .await;
    let mut client = Conversation::begin(&server).await;
    client
        .send("POST /refused HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n")
        .await;
    client.answer().await;
    let sending = async {
        while client.stream.write_all(b"x").await.is_ok() {
            pause().await;
        }
    };
    timeout(PATIENCE, sending)
        .await
        .expect("waited for the connection to be closed");
}
