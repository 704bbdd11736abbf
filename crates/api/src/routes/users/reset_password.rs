use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;

use super::email_input::EmailInput;
use crate::error::ApiResult;
use crate::extract::{Json, QueryOrJson};
use crate::schemas::Null;

/// Ask for a new password
///
/// Mails a link that sets a new password, if there is an account with this address. The answer does not tell.
#[utoipa::path(
    post,
    path = "/api/v1/users/reset-password",
    operation_id = "reset_password_api_v1_users_reset_password_post",
    tag = "users",
    params(("email" = inline(Option<String>), Query, description = "Here or in the body; the body wins")),
    request_body = Option<EmailInput>,
    responses((status = 202, description = "A link is on its way, if there is such an account", body = inline(Null)))
)]
pub(crate) async fn reset_password(
    State(kairos): State<Arc<Kairos>>,
    QueryOrJson(EmailInput { email }): QueryOrJson<EmailInput>,
) -> ApiResult<(StatusCode, Json<Null>)> {
    kairos.request_password_reset(&email).await?;
    Ok((StatusCode::ACCEPTED, Json(Null)))
}
