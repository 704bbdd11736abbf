use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::accounts::ResetPassword;
use kairos_domain::password::NewPassword;
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::extract::{CurrentClient, Fields, Input, Json, QueryOrBody, parsers};
use crate::openapi::documented_errors;
use crate::schemas::MessageResponse;

/// A new password, and the mailed token that allows it.
#[derive(ToSchema)]
#[schema(as = PasswordUpdate, example = json!({
    "token": "eyJhbGciOiJIUzI1NiJ9.reset.signature",
    "new_password": "on two wheels for years",
}))]
pub(crate) struct NewPasswordInput {
    /// Token of the link that was mailed.
    token: String,
    /// New password: at least 8 characters, at most 72 bytes of UTF-8, without NUL.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 72, pattern = "^[^\\x00]*$")]
    new_password: NewPassword,
}

impl Input for NewPasswordInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let token = fields.required("token", parsers::secret);
        let new_password = fields.required("new_password", parsers::new_password);
        Some(Self {
            token: token?,
            new_password: new_password?,
        })
    }
}

documented_errors!(InvalidMailToken, UserNotFound, RateLimited);

/// Set a new password with a mailed token
///
/// Sets the password of the account that the token was mailed to. The token works once. All sessions and
/// access tokens from before are revoked, and so are all other reset links.
#[utoipa::path(
    post,
    path = "/api/v1/users/update-password",
    operation_id = "update_password_api_v1_users_update_password_post",
    tag = "users",
    params(
        ("token" = inline(Option<String>), Query, description = "Token of the link that was mailed, if it is not in the body. The body takes precedence."),
        ("new_password" = inline(Option<String>), Query, description = "New password, if it is not in the body. The body takes precedence."),
    ),
    request_body(content(
        (Option<NewPasswordInput> = "application/json"),
        (Option<NewPasswordInput> = "application/x-www-form-urlencoded"),
        (Option<NewPasswordInput> = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "`Password updated successfully.`", body = MessageResponse, example = json!({"message": "Password updated successfully."})),
        Errors,
    )
)]
pub(crate) async fn update_password(
    State(kairos): State<Arc<Kairos>>,
    CurrentClient(client): CurrentClient,
    QueryOrBody(NewPasswordInput { token, new_password }): QueryOrBody<NewPasswordInput>,
) -> ApiResult<Json<MessageResponse>> {
    kairos
        .reset_password(ResetPassword {
            token,
            new_password,
            client,
        })
        .await?;
    Ok(Json(MessageResponse::new("Password updated successfully.")))
}
