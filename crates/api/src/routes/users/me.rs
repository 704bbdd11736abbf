use crate::extract::{CurrentRider, Json};
use crate::schemas::User;

/// My account
#[utoipa::path(
    get,
    path = "/api/v1/users/me",
    operation_id = "get_current_user_api_v1_users_me_get",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, description = "The rider's own account", body = User))
)]
pub(crate) async fn me(CurrentRider(rider): CurrentRider) -> Json<User> {
    Json(rider.into())
}
