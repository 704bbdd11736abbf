use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Invocation;
use crate::error::ApiError;

/// Gives a request up that takes too long, its body included.
pub(super) async fn time_limit(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let invocation = request.extensions().get::<Invocation>();
    let limit = invocation.map_or(limit, |invocation| limit.min(invocation.time_left));
    tokio::time::timeout(limit, next.run(request))
        .await
        .unwrap_or_else(|_| ApiError::unavailable("The request took too long").into_response())
}
