use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::accounts::MailRequest;

use super::email_input::EmailInput;
use crate::error::ApiResult;
use crate::extract::{AllowedPage, CurrentClient, Json, QueryOrJson};
use crate::openapi::documented_errors;
use crate::schemas::Null;

documented_errors!(ForeignOrigin, RateLimited);

/// Request a password reset
///
/// Mails a link that sets a new password, if an account has this address. Neither the answer nor its time
/// reveals whether there is one.
#[utoipa::path(
    post,
    path = "/api/v1/users/reset-password",
    operation_id = "reset_password_api_v1_users_reset_password_post",
    tag = "users",
    params(("email" = inline(Option<String>), Query, min_length = 1, max_length = 320, description = "E-mail address of the account, if it is not in the body. The body takes precedence.")),
    request_body = Option<EmailInput>,
    responses(
        (status = 202, description = "The link will be mailed, if there is such an account", body = inline(Null)),
        Errors,
    )
)]
pub(crate) async fn reset_password(
    State(kairos): State<Arc<Kairos>>,
    CurrentClient(client): CurrentClient,
    _: AllowedPage,
    QueryOrJson(EmailInput { email }): QueryOrJson<EmailInput>,
) -> ApiResult<(StatusCode, Json<Null>)> {
    kairos
        .request_password_reset(&MailRequest { email, client })
        .await?;
    Ok((StatusCode::ACCEPTED, Json(Null)))
}
