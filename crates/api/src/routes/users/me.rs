use crate::etag::{IfNoneMatch, IfNoneMatchParams, Tagged};
use crate::extract::CurrentRider;
use crate::schemas::User;

/// Get the rider's own account
///
/// Gives everything that the service holds about the rider, except the password.
#[utoipa::path(
    get,
    path = "/api/v1/users/me",
    operation_id = "get_current_user_api_v1_users_me_get",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    params(IfNoneMatchParams),
    responses((status = 200, description = "The account", body = User))
)]
pub(crate) async fn me(CurrentRider(rider): CurrentRider, seen: IfNoneMatch) -> Tagged<User> {
    Tagged::unless_seen(seen, rider.into())
}
