//! Accepts connections and speaks HTTP/1.1 on them, within limits.
//!
//! `axum::serve` is not used because it has no limits: with it, a client that sends half a head keeps its
//! connection for ever.

mod activity;
mod answer_body;
mod bounds;
mod connections;
mod overload;
mod refusal;
mod rest_of_body;
mod stream;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use ipnet::IpNet;
use kairos_domain::clock::Randomness;
#[cfg(target_os = "linux")]
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_io_timeout::TimeoutStream;

pub use bounds::ServerBounds;

use activity::Activity;
use answer_body::AnswerBody;
use connections::{Admission, Connections, Place};
use refusal::Refusal;
use rest_of_body::Rest;
use stream::ClientStream;

/// Serves `app` on `listener` until `stop` is ready, then shuts down.
///
/// A shutdown accepts no connections, closes idle ones, and waits for the requests in flight for at most
/// [`ServerBounds::stop_time`].
///
/// Each request carries the address of its peer in its extensions, as [`ConnectInfo`]. `randomness` creates
/// the ids of requests that the server refuses before `app` sees them. Connections of `trusted_proxies` count
/// against no client's share.
pub async fn run(
    listener: TcpListener,
    app: Router,
    randomness: Arc<dyn Randomness>,
    bounds: ServerBounds,
    trusted_proxies: Vec<IpNet>,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Connections::new(bounds, trusted_proxies));
    let overload_places = Arc::new(Semaphore::new(bounds.overload_answers));
    let graceful = GracefulShutdown::new();
    // Dropping the set, at the end of this future or with it, aborts the remaining connections.
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    for number in 0.. {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener) => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match places.admit(number, peer.ip()) {
            Admission::Open(place) => {
                let watcher = graceful.watcher();
                let (app, randomness) = (app.clone(), Arc::clone(&randomness));
                connections.spawn(converse(stream, peer, app, randomness, bounds, place, watcher));
            }
            Admission::BeyondShare => {}
            Admission::Full => {
                if let Ok(place) = Arc::clone(&overload_places).try_acquire_owned() {
                    let answer = Refusal::OVERLOADED.bytes(&*randomness);
                    connections.spawn(async move {
                        let _place = place;
                        let _ = timeout(bounds.overload_time, overload::send(stream, &answer)).await;
                    });
                }
            }
        }
    }
    drop(listener);
    if timeout(bounds.stop_time, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still in flight when the time to stop was up");
    }
}

/// Returns the next connection.
///
/// Errors of a single connection are skipped. If the process is out of files or memory, the server waits
/// before it retries: neither ending nor spinning would help.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);
    let mut pause = SHORTEST_PAUSE;
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, pause_ms = pause.as_millis(), "accepting a connection failed, retrying");
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

/// Serves the requests of one connection, one after the other.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    randomness: Arc<dyn Randomness>,
    bounds: ServerBounds,
    place: Place,
    graceful: Watcher,
) {
    // Responses are written in one go, so that Nagle's algorithm would only delay their last packet. A
    // failure to disable it is harmless.
    let _ = stream.set_nodelay(true);
    // Otherwise the kernel takes megabytes of a response that nobody reads, and a slow reader seems to read
    // nothing until a third of them has left.
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(&stream).set_tcp_notsent_lowat(bounds.unsent_bytes);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(bounds.write_pause));
    let activity = Arc::clone(&place.activity);
    let stream = ClientStream::new(stream, Arc::clone(&activity), bounds, Arc::clone(&randomness));
    let service = service_fn(move |mut request: Request<Incoming>| {
        activity.begin_request();
        request.extensions_mut().insert(ConnectInfo(peer));
        let refusal = Refusal::of_request(&request).map(|refusal| refusal.response(&*randomness));
        let (app, activity) = (app.clone(), Arc::clone(&activity));
        async move {
            let (response, rest) = rest_of_body::answer(app, request, refusal, bounds).await;
            if rest == Rest::Unread {
                activity.leave_unread();
            }
            activity.begin_answer();
            Ok::<_, Infallible>(response.map(|body| AnswerBody::new(body, activity)))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // hyper measures from the end of the previous response. The stream limits the head alone.
        .header_read_timeout(bounds.idle_time)
        .max_buf_size(bounds.head_bytes)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // Eviction comes first, so that a request that arrives at the same moment does not begin.
        biased;
        () = place.activity.evicted() => tracing::debug!(%peer, "closed an idle connection for a new one"),
        ended = graceful.watch(connection) => if let Err(error) = ended {
            // Caused by the client: it disconnected, was too slow, or did not speak HTTP.
            tracing::debug!(%peer, %error, "connection ended early");
        },
        () = overdue(&place.activity, bounds) => tracing::debug!(%peer, "closed the connection of a slow reader"),
    }
}

/// Waits until a response exceeds its time limit.
async fn overdue(activity: &Activity, bounds: ServerBounds) {
    loop {
        let now = Instant::now();
        match activity.answer_deadline(&bounds) {
            Some(deadline) if deadline <= now => return,
            Some(deadline) => sleep_until(deadline).await,
            // A response that begins during this sleep has at least as much time.
            None => sleep(bounds.answer_time).await,
        }
    }
}
