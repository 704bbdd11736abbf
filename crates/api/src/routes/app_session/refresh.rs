use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use kairos_domain::accounts::RefreshError;

use super::AppSession;
use crate::error::{ApiError, ApiResult};
use crate::error_code::ErrorCode;
use crate::extract::OwnPage;

/// Continues the session of the cookie, and replaces the cookie.
///
/// If the browser sends several, the first good one counts: it may still hold one of an ended session.
pub(super) async fn refresh(
    State(AppSession { kairos, cookie }): State<AppSession>,
    _: OwnPage,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let mut refusal = None;
    for token in cookie.tokens(&headers) {
        match kairos.refresh(token).await {
            Ok(tokens) => return Ok(super::answer(cookie, tokens)),
            Err(error @ RefreshError::Store(_)) => return Err(error.into()),
            Err(error) => refusal = Some(error),
        }
    }
    let refusal: ApiError = match refusal {
        Some(error) => error.into(),
        None => ErrorCode::NotAuthenticated.into(),
    };
    Ok((cookie.delete(), refusal).into_response())
}
