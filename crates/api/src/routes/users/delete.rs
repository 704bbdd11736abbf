use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::UserId;

use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams};
use crate::extract::{CurrentRider, Json, Path};
use crate::openapi::documented_errors;
use crate::schemas::{MessageResponse, User};

documented_errors!(NotYourAccount, UserNotFound);

/// Delete an account
///
/// Deletes the rider's own account, with all journeys, markers and sessions.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{user_id}",
    operation_id = "delete_user_api_v1_users__user_id__delete",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    params(("user_id" = String, Path), IfMatchParams),
    responses(
        (status = 200, description = "`User deleted successfully.`", body = MessageResponse, example = json!({"message": "User deleted successfully."})),
        Errors,
    )
)]
pub(crate) async fn delete(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(user_id): Path<UserId>,
    if_match: IfMatch,
) -> ApiResult<Json<MessageResponse>> {
    let precondition = if_match.precondition::<User, _>();
    kairos.delete_account(&rider, user_id, &precondition).await?;
    Ok(Json(MessageResponse::new("User deleted successfully.")))
}
