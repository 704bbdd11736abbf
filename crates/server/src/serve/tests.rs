use std::net::SocketAddr;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::*;

struct Zeros;

impl Randomness for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

struct Running {
    address: SocketAddr,
    /// Rings when a slow request has begun.
    slow_begins: Arc<Notify>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

const SHORT: Duration = Duration::from_millis(200);

async fn start(limits: Limits) -> Running {
    let slow_begins = Arc::new(Notify::new());
    let app = Router::new()
        .route("/", get(async || "hello"))
        .route(
            "/slow",
            get({
                let slow_begins = Arc::clone(&slow_begins);
                async move || {
                    slow_begins.notify_one();
                    sleep(SHORT * 2).await;
                    "slow"
                }
            }),
        )
        .route("/echo", post(async |body: axum::body::Bytes| body));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(run(listener, app, Arc::new(Zeros), limits, async {
        drop(stopped.await);
    }));
    Running {
        address,
        slow_begins,
        stop,
        ended,
    }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Reads until the server closes, for at most five seconds.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = timeout(Duration::from_secs(5), stream.read_to_string(&mut text)).await;
    drop(read.expect("the server did not close"));
    text
}

#[tokio::test]
async fn a_request_is_answered() {
    let server = start(Limits::default()).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let answer = rest(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("hello"),
        "{answer}"
    );
}

#[tokio::test]
async fn half_a_head_does_not_keep_a_connection() {
    let server = start(Limits {
        head_time: SHORT,
        ..Limits::default()
    })
    .await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    assert!(!rest(&mut stream).await.contains("200 OK"));
}

#[tokio::test]
async fn a_body_that_stops_coming_does_not_keep_a_connection() {
    let server = start(Limits {
        body_pause: SHORT,
        ..Limits::default()
    })
    .await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf")
        .await
        .unwrap();
    assert!(!rest(&mut stream).await.contains("200 OK"));
}

#[tokio::test]
async fn a_body_that_drips_for_ever_is_ended() {
    let server = start(Limits {
        body_time: SHORT,
        ..Limits::default()
    })
    .await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n")
        .await
        .unwrap();
    let began = tokio::time::Instant::now();
    while began.elapsed() < Duration::from_secs(5) && stream.write_all(b"x").await.is_ok() {
        sleep(SHORT / 10).await;
    }
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn one_connection_too_many_is_told_so() {
    let server = start(Limits {
        connections: 1,
        ..Limits::default()
    })
    .await;
    let mut first = server.connect().await;
    first
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    first.read_exact(&mut [0; 20]).await.unwrap();
    let mut second = server.connect().await;
    second
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let answer = rest(&mut second).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: 1\r\n") && answer.contains("\r\nx-request-id: 000"));
    drop(first);
    // Its place is free as soon as the server has noticed.
    let mut tries = 0;
    loop {
        let mut third = server.connect().await;
        third
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        if rest(&mut third).await.contains("200 OK") {
            break;
        }
        tries += 1;
        assert!(tries < 50, "its place was never free");
        sleep(SHORT / 10).await;
    }
}

#[tokio::test]
async fn a_stop_waits_for_the_answer_and_not_for_idle_connections() {
    let server = start(Limits::default()).await;
    let _idle = server.connect().await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    server.slow_begins.notified().await;
    server.stop.send(()).unwrap();
    assert!(rest(&mut busy).await.ends_with("slow"));
    timeout(Duration::from_secs(5), server.ended)
        .await
        .unwrap()
        .unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
