use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::UserId;

use crate::error::ApiResult;
use crate::etag::{IfNoneMatch, IfNoneMatchParams, Tagged};
use crate::extract::{CurrentRider, Path};
use crate::openapi::documented_errors;
use crate::schemas::Journey;

documented_errors!(UserNotFound, NoActiveJourney);

/// Get the active journey of a rider
///
/// Gives the journey that the rider is on now, unless it is another rider's private one.
#[utoipa::path(
    get,
    path = "/api/v1/users/{user_id}/journeys/active",
    operation_id = "get_active_journey_api_v1_users__user_id__journeys_active_get",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    params(("user_id" = String, Path), IfNoneMatchParams),
    responses(
        (status = 200, description = "The active journey", body = Journey),
        Errors,
    )
)]
pub(crate) async fn active_journey(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(user_id): Path<UserId>,
    seen: IfNoneMatch,
) -> ApiResult<Tagged<Journey>> {
    let journey = kairos.active_journey(&rider, user_id).await?;
    Ok(Tagged::unless_seen(seen, journey.into()))
}
