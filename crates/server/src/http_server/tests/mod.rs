use std::net::SocketAddr;

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use kairos_api::MayReceiveFile;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::*;

mod answers;
mod bodies;
mod connections;
mod malformed;

struct Zeros;

impl Randomness for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

struct Running {
    address: SocketAddr,
    /// Notified when a slow request has begun.
    slow_begins: Arc<Notify>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

/// More bytes than the buffers of both sockets hold.
const LARGE: usize = 32 << 20;

const SHORT: Duration = Duration::from_millis(200);

async fn start(bounds: ServerBounds) -> Running {
    start_behind(Vec::new(), bounds).await
}

async fn start_behind(trusted_proxies: Vec<IpNet>, bounds: ServerBounds) -> Running {
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
        .route("/echo", post(async |body: axum::body::Bytes| body))
        .route("/large", get(async || vec![b'x'; LARGE]))
        .route("/stalled", get(answers::stalled))
        .route("/broken", get(answers::broken))
        .route(
            "/no-file",
            post(async || {
                let mut response = StatusCode::UNAUTHORIZED.into_response();
                response
                    .extensions_mut()
                    .insert(MayReceiveFile { largest: 2_000 });
                response
            }),
        )
        .route("/unread", post(async || "unread"))
        .route("/refused", post(async || StatusCode::UNAUTHORIZED));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(run(
        listener,
        app,
        Arc::new(Zeros),
        bounds,
        trusted_proxies,
        async {
            drop(stopped.await);
        },
    ));
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

/// A connection from which a test reads one response at a time.
struct Conversation {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Conversation {
    async fn begin(server: &Running) -> Self {
        Self::begin_from(server, "127.0.0.1").await
    }

    /// Connects from the address `client`. On Linux, all of 127.0.0.0/8 is local.
    async fn begin_from(server: &Running, client: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(client.parse().unwrap(), 0)).unwrap();
        let stream = socket.connect(server.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let unread = Vec::new();
        Self { stream, unread }
    }

    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Returns the next response, whose head gives its length.
    async fn answer(&mut self) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.unread).into_owned();
            if let Some((head, _)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "));
                let length = length.map_or(0, |length| length.parse().unwrap());
                let whole = head.len() + 4 + length;
                if self.unread.len() >= whole {
                    self.unread.drain(..whole);
                    return text[..whole].to_owned();
                }
            }
            let read = self.stream.read_buf(&mut self.unread);
            let read = timeout(PATIENCE, read).await.expect("waited for an answer");
            assert!(read.unwrap() > 0, "closed before the answer: {text}");
        }
    }

    /// Checks that the server serves another request on this connection.
    async fn is_usable(&mut self) {
        self.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let answer = self.answer().await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }

    /// Waits until the server closes the connection without a reset.
    async fn is_closed(&mut self) {
        let read = timeout(PATIENCE, self.stream.read_to_end(&mut self.unread)).await;
        read.expect("waited for the server to close").unwrap();
        assert!(self.unread.is_empty(), "{:?}", self.unread);
    }
}

/// Longest wait for one event before a test fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// Reads until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut text)).await;
    drop(read.expect("waited for the server to close"));
    text
}

#[tokio::test]
async fn a_request_is_answered() {
    let server = start(ServerBounds::default()).await;
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
async fn a_stop_waits_for_the_answer_and_not_for_idle_connections() {
    let server = start(ServerBounds::default()).await;
    let _idle = server.connect().await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    server.slow_begins.notified().await;
    server.stop.send(()).unwrap();
    assert!(rest(&mut busy).await.ends_with("slow"));
    let ended = timeout(PATIENCE, server.ended).await;
    ended.expect("waited for the server to end").unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
