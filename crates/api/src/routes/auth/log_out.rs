use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;

use super::refresh_token::RefreshToken;
use crate::error::ApiResult;
use crate::extract::QueryOrBody;

/// Log out
///
/// Ends the session of a refresh token. Its access token lives out its hour.
#[utoipa::path(
    post,
    path = "/api/v1/auth/logout",
    operation_id = "logout_api_v1_auth_logout_post",
    tag = "authentication",
    params(("refresh_token" = inline(Option<String>), Query, description = "Here or in the body; the body wins")),
    request_body(content(
        (Option<RefreshToken> = "application/json"),
        (Option<RefreshToken> = "application/x-www-form-urlencoded"),
        (Option<RefreshToken> = "multipart/form-data"),
    )),
    responses((status = 204, description = "Signed out, also when the token was no longer good"))
)]
pub(crate) async fn log_out(
    State(kairos): State<Arc<Kairos>>,
    QueryOrBody(RefreshToken { refresh_token }): QueryOrBody<RefreshToken>,
) -> ApiResult<StatusCode> {
    kairos.log_out(&refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}
