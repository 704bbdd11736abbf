use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::accounts::MailRequest;
use kairos_domain::client::Client;

use super::email_input::EmailInput;
use crate::error::{ApiResult, ErrorDetail};
use crate::extract::{Json, QueryOrJson};
use crate::schemas::Null;

/// Mail the verification link again
///
/// Mails a new link if there is an account with this address that is not verified yet. The answer does not reveal whether there is one.
#[utoipa::path(
    post,
    path = "/api/v1/users/resend-verification",
    operation_id = "resend_verification_api_v1_users_resend_verification_post",
    tag = "users",
    params(("email" = inline(Option<String>), Query, description = "Here or in the body; the body wins")),
    request_body = Option<EmailInput>,
    responses(
        (status = 202, description = "A link is on its way, if the address needs one", body = inline(Null)),
        (status = 429, description = "Too many mails were asked for; `Retry-After` says when to try again", body = ErrorDetail),
    )
)]
pub(crate) async fn resend_verification(
    State(kairos): State<Arc<Kairos>>,
    Extension(client): Extension<Client>,
    QueryOrJson(EmailInput { email }): QueryOrJson<EmailInput>,
) -> ApiResult<(StatusCode, Json<Null>)> {
    kairos
        .request_verification(&MailRequest { email, client })
        .await?;
    Ok((StatusCode::ACCEPTED, Json(Null)))
}
