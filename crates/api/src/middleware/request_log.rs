use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, field};

use super::request_id::RequestId;
use crate::Invocation;
use crate::error::{Cause, Refusal};

/// How many bytes of a path stand in the log.
const LONGEST_PATH: usize = 512;

/// Writes one line about each request. Queries are left out, since tokens travel in them, and so are headers and bodies.
pub(super) async fn request_log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.0.to_str().ok())
        .unwrap_or_default();
    let invocation = request.extensions().get::<Invocation>();
    // Whoever finds out which rider it is says so in `user.id`.
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
    // To the microsecond, which fits a float without a tail of digits.
    let duration_ms = began.elapsed().as_micros() as f64 / 1e3;
    let cause = response.extensions().get::<Cause>().map(field::display);
    let refusal = response.extensions().get::<Refusal>().map(field::display);
    let _inside = span.enter();
    if status.is_server_error() {
        tracing::error!(status = status.as_u16(), duration_ms, refusal, cause, "failed");
    } else {
        tracing::info!(status = status.as_u16(), duration_ms, refusal, cause, "answered");
    }
    response
}

/// Cuts a path for the log: clients may send one of 64 KB.
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
