use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;

use super::refresh_token::RefreshToken;
use crate::error::ApiResult;
use crate::extract::QueryOrBody;

/// Log out
///
/// Ends the session of a refresh token. The access token of the session stays valid until its 60 minutes are
/// over.
#[utoipa::path(
    post,
    path = "/api/v1/auth/logout",
    operation_id = "logout_api_v1_auth_logout_post",
    tag = "authentication",
    params(("refresh_token" = inline(Option<String>), Query, description = "The refresh token, if it is not in the body. The body takes precedence.")),
    request_body(content(
        (Option<RefreshToken> = "application/json"),
        (Option<RefreshToken> = "application/x-www-form-urlencoded"),
        (Option<RefreshToken> = "multipart/form-data"),
    )),
    responses((status = 204, description = "The session has ended, or the token was no longer valid"))
)]
pub(crate) async fn log_out(
    State(kairos): State<Arc<Kairos>>,
    QueryOrBody(RefreshToken { refresh_token }): QueryOrBody<RefreshToken>,
) -> ApiResult<StatusCode> {
    kairos.log_out(&refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}
