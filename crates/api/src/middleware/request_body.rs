//! Bounds the memory and the time of request bodies.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body as AxumBody;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use kairos_domain::client::Client;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::error::ApiError;
use crate::error_code::ErrorCode;

#[derive(Debug, Clone, Copy)]
struct BodyBounds {
    /// The most bytes that all bodies in flight hold together.
    bytes_in_all: usize,
    /// The time within which a body must arrive.
    time: Duration,
}

#[derive(Debug)]
pub(super) struct BodiesInFlight {
    held: Mutex<HashMap<Client, usize>>,
    bounds: BodyBounds,
}

impl Default for BodiesInFlight {
    fn default() -> Self {
        Self::new(BodyBounds {
            bytes_in_all: 64 << 20,
            time: Duration::from_mins(1),
        })
    }
}

impl BodiesInFlight {
    fn new(bounds: BodyBounds) -> Self {
        let held = Mutex::default();
        Self { held, bounds }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds bytes, unless they exceed the bound. Returns whether they were added.
    ///
    /// A client may hold a third of the bytes that stay free: a quarter of all bytes if it is the only
    /// client. Clients that hold their maximum therefore leave room for another one (Choudhury and Hahne,
    /// "Dynamic queue length thresholds", 1998).
    fn add(&self, client: Client, bytes: usize) -> bool {
        let mut held = self.held();
        let in_all = held.values().sum::<usize>() + bytes;
        let own = held.entry(client).or_default();
        let is_within = in_all + 3 * (*own + bytes) <= self.bounds.bytes_in_all;
        if is_within {
            *own += bytes;
        }
        if *own == 0 {
            held.remove(&client);
        }
        is_within
    }

    fn remove(&self, client: Client, bytes: usize) {
        let mut held = self.held();
        if let Some(own) = held.get_mut(&client) {
            *own = own.saturating_sub(bytes);
            if *own == 0 {
                held.remove(&client);
            }
        }
    }
}

/// The body of one request. Its bytes count until the request is answered.
#[derive(Debug)]
pub(super) struct Receipt {
    bodies: Arc<BodiesInFlight>,
    client: Client,
    progress: Mutex<Progress>,
}

#[derive(Debug)]
struct Progress {
    bytes: usize,
    is_awaited: bool,
    last_frame: Instant,
    failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Failure {
    #[error("the bodies in flight hold too many bytes")]
    TooManyBytes,
    #[error("the body did not arrive in time")]
    TooSlow,
}

impl Receipt {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, failure: Failure) -> axum::Error {
        self.progress().failure = Some(failure);
        axum::Error::new(failure)
    }

    /// Returns when the last part of the body came, or `None` while the server waits for the next.
    pub(super) fn at_work_since(&self) -> Option<Instant> {
        let progress = self.progress();
        (!progress.is_awaited).then_some(progress.last_frame)
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        let bytes = self.progress().bytes;
        self.bodies.remove(self.client, bytes);
    }
}

/// Counts the bytes of a body, and stops reading if they are too many or too late.
/// The answer reports that failure, whatever the route makes of it.
pub(super) async fn request_body(
    State(bodies): State<Arc<BodiesInFlight>>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(client) = request.extensions().get::<Client>().copied() else {
        return next.run(request).await;
    };
    let deadline = Instant::now() + bodies.bounds.time;
    let receipt = Arc::new(Receipt {
        bodies,
        client,
        progress: Mutex::new(Progress {
            bytes: 0,
            is_awaited: false,
            last_frame: Instant::now(),
            failure: None,
        }),
    });
    request.extensions_mut().insert(Arc::clone(&receipt));
    let counted = request.map(|body| {
        AxumBody::new(CountedBody {
            inner: body,
            receipt: Arc::clone(&receipt),
            deadline: Box::pin(sleep_until(deadline)),
        })
    });
    let response = next.run(counted).await;
    let failure = receipt.progress().failure;
    match failure {
        Some(Failure::TooManyBytes) => ApiError::from(ErrorCode::Overloaded)
            .detail("Too many requests are being received")
            .into_response(),
        Some(Failure::TooSlow) => ApiError::from(ErrorCode::Timeout).into_response(),
        None => response,
    }
}

struct CountedBody {
    inner: AxumBody,
    receipt: Arc<Receipt>,
    deadline: Pin<Box<Sleep>>,
}

impl Body for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            let bytes = match &frame {
                Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
                _ => 0,
            };
            let mut progress = self.receipt.progress();
            progress.is_awaited = false;
            progress.last_frame = Instant::now();
            if !self.receipt.bodies.add(self.receipt.client, bytes) {
                drop(progress);
                return Poll::Ready(Some(Err(self.receipt.fail(Failure::TooManyBytes))));
            }
            progress.bytes += bytes;
            drop(progress);
            return Poll::Ready(frame);
        }
        self.receipt.progress().is_awaited = true;
        ready!(self.deadline.as_mut().poll(context));
        self.receipt.progress().is_awaited = false;
        Poll::Ready(Some(Err(self.receipt.fail(Failure::TooSlow))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use futures_util::StreamExt as _;
    use futures_util::future::join_all;
    use futures_util::stream;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;
    use crate::middleware::time_limit::time_limit;

    const SMALL: BodyBounds = BodyBounds {
        bytes_in_all: 160,
        time: Duration::from_millis(200),
    };

    fn client(last: u8) -> Client {
        Client::at([192, 0, 2, last].into())
    }

    /// A router whose route reads the body and refuses one that fails.
    fn router(bodies: &Arc<BodiesInFlight>) -> Router {
        let read = async |body: AxumBody| match body.collect().await {
            Ok(body) => Ok(body.to_bytes().len().to_string()),
            Err(_) => Err(StatusCode::BAD_REQUEST),
        };
        Router::new()
            .route("/", post(read))
            .layer(from_fn_with_state(SMALL.time / 4, time_limit))
            .layer(from_fn_with_state(Arc::clone(bodies), request_body))
    }

    /// Posts a body that sends `bytes` bytes and then stalls.
    async fn stall(router: Router, client: Client, bytes: usize) -> StatusCode {
        let part = stream::iter([Ok::<_, axum::Error>(vec![b'x'; bytes])]);
        let body = AxumBody::from_stream(part.chain(stream::pending()));
        let request = Request::post("/").extension(client).body(body).unwrap();
        router.oneshot(request).await.unwrap().status()
    }

    #[test]
    fn a_client_may_hold_a_quarter_of_the_bytes() {
        let bodies = BodiesInFlight::new(SMALL);
        assert!(bodies.add(client(0), 40));
        assert!(!bodies.add(client(0), 1));
        bodies.remove(client(0), 40);
        assert!(bodies.held().is_empty());
    }

    #[test]
    fn clients_that_hold_as_much_as_they_may_leave_room_for_another() {
        let bodies = BodiesInFlight::default();
        for number in 0..20 {
            let mut most = 1 << 20;
            while most > 0 {
                if !bodies.add(client(number), most) {
                    most /= 2;
                }
            }
        }
        assert!(bodies.held().values().sum::<usize>() <= 64 << 20);
        // The size of a marker with long notes.
        assert!(bodies.add(client(20), 40_000));
    }

    #[tokio::test]
    async fn a_body_beyond_the_bytes_is_refused_and_one_that_stalls_ends() {
        let bodies = Arc::new(BodiesInFlight::new(SMALL));
        let router = router(&bodies);
        let sent = [(1, 30), (1, 20), (2, 30), (3, 40)];
        let stalled = sent.map(|(number, bytes)| stall(router.clone(), client(number), bytes));
        let answers = join_all(stalled).await;
        // The bodies that hold bytes stall for longer than the time limit, which excludes that wait.
        assert_eq!(
            answers,
            [408, 503, 408, 503].map(|status| StatusCode::from_u16(status).unwrap())
        );
        assert!(bodies.held().is_empty());
    }
}
