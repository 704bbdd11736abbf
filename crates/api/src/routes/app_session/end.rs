use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::AppSession;
use crate::error::ApiResult;
use crate::extract::OwnPage;

/// Ends the session of the cookie. The answer is the same when there was none.
pub(super) async fn end(
    State(AppSession { kairos, cookie }): State<AppSession>,
    _: OwnPage,
    headers: HeaderMap,
) -> ApiResult<Response> {
    for token in cookie.tokens(&headers) {
        kairos.log_out(token).await?;
    }
    Ok((cookie.delete(), StatusCode::NO_CONTENT).into_response())
}
