use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, sleep_until};

use super::request_body::Receipt;
use crate::Invocation;
use crate::error::ApiError;
use crate::error_code::ErrorCode;

/// Answers with an error if a request exceeds the time limit.
///
/// The time spent waiting for the request body does not count; the body has its own time limit.
pub(super) async fn time_limit(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let invocation = request.extensions().get::<Invocation>();
    let limit = invocation.map_or(limit, |invocation| limit.min(invocation.time_left));
    let receipt = request.extensions().get::<Arc<Receipt>>().cloned();
    let mut answer = std::pin::pin!(next.run(request));
    let mut deadline = Instant::now() + limit;
    loop {
        tokio::select! {
            response = &mut answer => return response,
            () = sleep_until(deadline) => {}
        }
        deadline = match &receipt {
            Some(receipt) => receipt.at_work_since().unwrap_or_else(Instant::now) + limit,
            None => deadline,
        };
        if deadline <= Instant::now() {
            return ApiError::from(ErrorCode::TooSlow)
                .detail("The request took too long")
                .into_response();
        }
    }
}
