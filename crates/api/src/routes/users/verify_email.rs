use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::accounts::EmailVerified;
use utoipa::IntoParams;

use crate::error::ApiResult;
use crate::extract::{Fields, Input, Json, Query, parsers};
use crate::openapi::documented_errors;
use crate::schemas::MessageResponse;

/// The token that was mailed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct VerifyEmailQuery {
    /// Token of the link that was mailed.
    token: String,
}

impl Input for VerifyEmailQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let token = fields.required("token", parsers::secret);
        Some(Self { token: token? })
    }
}

documented_errors!(InvalidMailToken, UserNotFound);

/// Verify an e-mail address
///
/// Verifies the address that the token was mailed to.
#[utoipa::path(
    get,
    path = "/api/v1/users/verify-email",
    operation_id = "verify_email_api_v1_users_verify_email_get",
    tag = "users",
    params(VerifyEmailQuery),
    responses(
        (status = 200, description = "`Email verified successfully.` or `Email already verified.`", body = MessageResponse),
        Errors,
    )
)]
pub(crate) async fn verify_email(
    State(kairos): State<Arc<Kairos>>,
    Query(query): Query<VerifyEmailQuery>,
) -> ApiResult<Json<MessageResponse>> {
    let message = match kairos.verify_email(&query.token).await? {
        EmailVerified::Now => "Email verified successfully.",
        EmailVerified::Already => "Email already verified.",
    };
    Ok(Json(MessageResponse::new(message)))
}
