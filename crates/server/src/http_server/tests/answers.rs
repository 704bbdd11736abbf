//! Clients that read slowly, and responses that can't be completed.

use axum::body::Body;
use axum::response::IntoResponse;
use futures_util::stream;

use super::*;

/// Responds with a part of a body, after which nothing follows.
pub(super) async fn stalled() -> impl IntoResponse {
    let part = stream::iter([Ok::<_, axum::Error>("part")]);
    Body::from_stream(futures_util::StreamExt::chain(part, stream::pending()))
}

/// Responds with a part of a body, and fails a little later.
pub(super) async fn broken() -> impl IntoResponse {
    Body::from_stream(stream::unfold("part", async |part| {
        if part.is_empty() {
            sleep(SHORT / 4).await;
            return Some((Err("broken"), part));
        }
        Some((Ok(part), ""))
    }))
}

/// Sends a request, and reads the first byte of the response.
async fn ask(server: &Running, path: &str) -> TcpStream {
    let mut stream = server.connect().await;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.read_exact(&mut [0]).await.unwrap();
    stream
}

/// Reads until the server closes, with a pause after each read. Returns the number of bytes read.
async fn drain(stream: &mut TcpStream, pause: Duration) -> usize {
    let mut buffer = vec![0; 1 << 20];
    let mut received = 0;
    loop {
        let read = timeout(PATIENCE, stream.read(&mut buffer)).await;
        match read.expect("waited for the server to close") {
            Ok(0) | Err(_) => return received,
            Ok(bytes) => received += bytes,
        }
        sleep(pause).await;
    }
}

/// Waits until the server has given up its only connection, whose client is still there.
async fn wait_for_the_only_place(server: &Running) {
    let mut other = Conversation::begin(server).await;
    while {
        other.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        !other.answer().await.starts_with("HTTP/1.1 200 ")
    } {
        sleep(SHORT / 4).await;
        other = Conversation::begin(server).await;
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let server = start(ServerBounds {
        write_pause: SHORT,
        connections: 1,
        ..ServerBounds::default()
    })
    .await;
    let mut stuck = ask(&server, "/large").await;
    wait_for_the_only_place(&server).await;
    assert!(drain(&mut stuck, Duration::ZERO).await < LARGE);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn little_of_an_answer_that_nobody_reads_waits_in_the_kernel() {
    let server = start(ServerBounds {
        write_pause: SHORT,
        connections: 1,
        ..ServerBounds::default()
    })
    .await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stuck = socket.connect(server.address).await.unwrap();
    stuck
        .write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    wait_for_the_only_place(&server).await;
    assert!(drain(&mut stuck, Duration::ZERO).await < 1 << 20);
}

#[tokio::test]
async fn a_client_that_reads_slowly_has_the_time_of_an_answer() {
    let server = start(ServerBounds {
        answer_time: SHORT,
        answer_bytes_a_second: 1 << 40,
        ..ServerBounds::default()
    })
    .await;
    let mut slow = ask(&server, "/large").await;
    assert!(drain(&mut slow, SHORT / 4).await < LARGE);
}

#[tokio::test]
async fn a_client_that_reads_fast_enough_has_more_time() {
    let bounds = ServerBounds {
        answer_time: SHORT,
        answer_bytes_a_second: 1 << 10,
        ..ServerBounds::default()
    };
    let server = start(bounds).await;
    let mut slow = server.connect().await;
    slow.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    assert!(drain(&mut slow, SHORT / 10).await > LARGE);
    // The overall time limit still applies.
    let server = start(ServerBounds {
        longest_answer_time: SHORT,
        ..bounds
    })
    .await;
    let mut slow = ask(&server, "/large").await;
    assert!(drain(&mut slow, SHORT / 4).await < LARGE);
}

#[tokio::test]
async fn an_answer_that_cannot_be_finished_has_no_last_chunk() {
    let server = start(ServerBounds {
        answer_time: SHORT,
        answer_bytes_a_second: 1 << 40,
        stop_time: SHORT,
        ..ServerBounds::default()
    })
    .await;
    for path in ["/stalled", "/broken"] {
        let mut stream = ask(&server, path).await;
        let rest = rest(&mut stream).await;
        assert!(rest.ends_with("\r\n\r\n4\r\npart\r\n"), "{path}: {rest}");
    }
}

#[tokio::test]
async fn a_stop_breaks_off_an_answer_that_nobody_reads() {
    let server = start(ServerBounds {
        stop_time: SHORT,
        ..ServerBounds::default()
    })
    .await;
    let mut unread = ask(&server, "/large").await;
    server.stop.send(()).unwrap();
    server.ended.await.unwrap();
    assert!(drain(&mut unread, Duration::ZERO).await < LARGE);
}
