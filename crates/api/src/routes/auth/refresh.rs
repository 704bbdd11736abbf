use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;

use super::refresh_token::RefreshToken;
use crate::error::ApiResult;
use crate::extract::{Json, QueryOrBody};
use crate::openapi::documented_errors;
use crate::schemas::Tokens;

documented_errors!(RefreshTokenExpired, InvalidRefreshToken);

/// Continue a session
///
/// Gives a new pair of tokens for a refresh token. The used token stays valid for 10 seconds after its first
/// use, so that two tabs can refresh at once. After that, it is valid until one of its successors is used, so
/// that an answer can be lost. Any later use ends the session.
#[utoipa::path(
    post,
    path = "/api/v1/auth/refresh",
    operation_id = "refresh_api_v1_auth_refresh_post",
    tag = "authentication",
    params(("refresh_token" = inline(Option<String>), Query, description = "The refresh token, if it is not in the body. The body takes precedence.")),
    request_body(content(
        (Option<RefreshToken> = "application/json"),
        (Option<RefreshToken> = "application/x-www-form-urlencoded"),
        (Option<RefreshToken> = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The next tokens of the session", body = Tokens),
        Errors,
    )
)]
pub(crate) async fn refresh(
    State(kairos): State<Arc<Kairos>>,
    QueryOrBody(RefreshToken { refresh_token }): QueryOrBody<RefreshToken>,
) -> ApiResult<Json<Tokens>> {
    let tokens = kairos.refresh(&refresh_token).await?;
    Ok(Json(tokens.into()))
}
