use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;

/// The longest that a request may take, its body included.
const LIMIT: Duration = Duration::from_secs(30);

pub(super) async fn time_limit(request: Request, next: Next) -> Response {
    tokio::time::timeout(LIMIT, next.run(request))
        .await
        .unwrap_or_else(|_| ApiError::unavailable("The request took too long").into_response())
}
