use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::accounts::ChangeOwnPassword;
use kairos_domain::password::{NewPassword, PasswordAttempt};
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::extract::{CurrentClient, CurrentRider, Fields, Input, Json, parsers};
use crate::openapi::documented_errors;
use crate::schemas::Tokens;

/// The current password and the new one.
#[derive(ToSchema)]
#[schema(
    as = PasswordChange,
    example = json!({"current_password": "on two wheels", "new_password": "on two wheels for years"})
)]
pub(crate) struct PasswordChangeInput {
    /// Password that the rider logs in with now.
    #[schema(value_type = String, format = Password)]
    current_password: PasswordAttempt,
    /// New password: at least 8 characters, at most 72 bytes of UTF-8, without NUL.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 72, pattern = "^[^\\x00]*$")]
    new_password: NewPassword,
}

impl Input for PasswordChangeInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let current_password = fields.required("current_password", parsers::secret);
        let new_password = fields.required("new_password", parsers::new_password);
        Some(Self {
            current_password: PasswordAttempt::new(current_password?),
            new_password: new_password?,
        })
    }
}

documented_errors!(IncorrectPassword, RateLimited);

/// Change the password
///
/// Sets a new password. All sessions and access tokens from before are revoked. The answer begins a new
/// session.
#[utoipa::path(
    post,
    path = "/api/v1/users/me/password",
    operation_id = "change_password_api_v1_users_me_password_post",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    request_body = PasswordChangeInput,
    responses(
        (status = 200, description = "The tokens of a new session", body = Tokens),
        Errors,
    )
)]
pub(crate) async fn change_password(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    CurrentClient(client): CurrentClient,
    Json(PasswordChangeInput {
        current_password,
        new_password,
    }): Json<PasswordChangeInput>,
) -> ApiResult<Json<Tokens>> {
    let change = ChangeOwnPassword {
        current: current_password,
        new: new_password,
        client,
    };
    let tokens = kairos.change_own_password(&rider, change).await?;
    Ok(Json(tokens.into()))
}
