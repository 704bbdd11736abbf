use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::UserId;

use crate::error::{ApiResult, ErrorDetail};
use crate::extract::{CurrentRider, Json, Path};
use crate::schemas::Journey;

/// The journey a rider is on
#[utoipa::path(
    get,
    path = "/api/v1/users/{user_id}/journeys/active",
    operation_id = "get_active_journey_api_v1_users__user_id__journeys_active_get",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    params(("user_id" = String, Path)),
    responses(
        (status = 200, description = "The journey", body = Journey),
        (status = 404, description = "`User not found`, `No active journey found`", body = ErrorDetail),
    )
)]
pub(crate) async fn active_journey(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(user_id): Path<UserId>,
) -> ApiResult<Json<Journey>> {
    let journey = kairos.active_journey(&rider, user_id).await?;
    Ok(Json(journey.into()))
}
