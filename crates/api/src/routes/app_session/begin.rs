use axum::extract::State;
use axum::response::Response;

use super::AppSession;
use crate::error::ApiResult;
use crate::extract::{CurrentClient, Json, OwnPage};
use crate::routes::auth::log_in::LogInForm;

/// Begins a session, with the same limits as `POST /auth/token`.
pub(super) async fn begin(
    State(AppSession { kairos, cookie }): State<AppSession>,
    CurrentClient(client): CurrentClient,
    _: OwnPage,
    Json(form): Json<LogInForm>,
) -> ApiResult<Response> {
    let tokens = kairos.log_in(form.into_attempt(client)).await?;
    Ok(super::answer(cookie, tokens))
}
