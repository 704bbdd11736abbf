use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::body::Body as AxumBody;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tracing::{Instrument, Span, field};

use super::request_id::RequestId;
use crate::Invocation;
use crate::error::{Cause, Refusal};

/// The most bytes of a path in the log.
const LONGEST_PATH: usize = 512;

/// Logs one line per request.
///
/// The line omits the query, because it may hold a token, and the headers and the body.
pub(super) async fn request_log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.0.to_str().ok())
        .unwrap_or_default();
    let invocation = request.extensions().get::<Invocation>();
    // The extractor that checks the access token records `user.id`.
    let span = tracing::error_span!(
        "request",
        request_id = id,
        invocation = invocation.map(|invocation| &*invocation.id),
        method = %request.method(),
        path = cut(request.uri().path()),
        user.id = field::Empty,
    );
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    // Whole microseconds keep the printed float short.
    let duration_ms = began.elapsed().as_micros() as f64 / 1e3;
    let cause = response.extensions().get::<Cause>().map(field::display);
    let refusal = response.extensions().get::<Refusal>().map(field::display);
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::error!(status = status.as_u16(), duration_ms, refusal, cause, "failed");
        } else {
            tracing::info!(status = status.as_u16(), duration_ms, refusal, cause, "answered");
        }
    });
    response.map(|inner| {
        AxumBody::new(WatchedBody {
            is_open: inner.size_hint().exact() != Some(0),
            inner,
            span,
            sent_bytes: 0,
        })
    })
}

/// The body of an answer. An early end of the body is logged.
struct WatchedBody {
    inner: AxumBody,
    span: Span,
    sent_bytes: u64,
    is_open: bool,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                self.sent_bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                self.is_open = self.inner.size_hint().exact() != Some(0);
            }
            Some(Err(cause)) => {
                let sent_bytes = self.sent_bytes;
                self.span
                    .in_scope(|| tracing::error!(sent_bytes, %cause, "the answer was broken off"));
                self.is_open = false;
            }
            None => self.is_open = false,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for WatchedBody {
    fn drop(&mut self) {
        if self.is_open {
            let sent_bytes = self.sent_bytes;
            self.span
                .in_scope(|| tracing::info!(sent_bytes, "the client did not take the whole answer"));
        }
    }
}

/// Cuts a path for the log, because clients may send one of 64 KB.
fn cut(path: &str) -> &str {
    let (start, _) = path.split_at(path.floor_char_boundary(LONGEST_PATH));
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_cut_between_characters() {
        assert_eq!(cut("/api/v1"), "/api/v1");
        assert_eq!(cut(&"x".repeat(513)).len(), 512);
        assert_eq!(cut(&format!("x{}", "é".repeat(300))).len(), 511);
    }
}
