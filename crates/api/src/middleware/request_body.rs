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

/// The rate at which a file must arrive, once the time of other bodies is over.
const FILE_BYTES_A_SECOND: u64 = 16 << 10;

/// The longest time that a file takes to arrive.
const MAX_FILE_TIME: Duration = Duration::from_mins(20);

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
pub(crate) struct Receipt {
    bodies: Arc<BodiesInFlight>,
    client: Client,
    begin: Instant,
    progress: Mutex<Progress>,
}

#[derive(Debug)]
struct Progress {
    /// The bytes that count towards the bound of bodies in flight.
    bytes: usize,
    received: u64,
    is_file: bool,
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

    /// Receives the body as a file.
    ///
    /// A file has a bound of its own, and few files are received at once, so its bytes do not count. It may
    /// take longer to arrive than other bodies, as long as it arrives steadily.
    pub(crate) fn receive_as_file(&self) {
        self.progress().is_file = true;
    }

    /// Returns the instant by which more of the body must have arrived.
    fn deadline(&self) -> Instant {
        let time = self.bodies.bounds.time;
        let progress = self.progress();
        if progress.is_file {
            let steady = Duration::from_secs(progress.received / FILE_BYTES_A_SECOND);
            self.begin + steady.clamp(time, MAX_FILE_TIME.max(time))
        } else {
            self.begin + time
        }
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
    let begin = Instant::now();
    let receipt = Arc::new(Receipt {
        bodies,
        client,
        begin,
        progress: Mutex::new(Progress {
            bytes: 0,
            received: 0,
            is_file: false,
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
            deadline: Box::pin(sleep_until(begin)),
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
            progress.received += bytes as u64;
            if !progress.is_file {
                if !self.receipt.bodies.add(self.receipt.client, bytes) {
                    drop(progress);
                    return Poll::Ready(Some(Err(self.receipt.fail(Failure::TooManyBytes))));
                }
                progress.bytes += bytes;
            }
            drop(progress);
            return Poll::Ready(frame);
        }
        self.receipt.progress().is_awaited = true;
        let deadline = self.receipt.deadline();
        self.deadline.as_mut().reset(deadline);
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
mod tests;
