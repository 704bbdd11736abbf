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
/// Trades a refresh token for a new pair. The used token stays good for ten seconds, counted from its first use, so
/// that two tabs or a lost answer do no harm; its use after that ends the session.
#[utoipa::path(
    post,
    path = "/api/v1/auth/refresh",
    operation_id = "refresh_api_v1_auth_refresh_post",
    tag = "authentication",
    params(("refresh_token" = inline(Option<String>), Query, description = "Here or in the body; the body wins")),
    request_body(content(
        (Option<RefreshToken> = "application/json"),
        (Option<RefreshToken> = "application/x-www-form-urlencoded"),
        (Option<RefreshToken> = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The session's next tokens", body = Tokens),
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
