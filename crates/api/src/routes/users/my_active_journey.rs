use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;

use crate::error::ApiResult;
use crate::etag::{IfNoneMatch, IfNoneMatchParams, Tagged};
use crate::extract::CurrentRider;
use crate::openapi::documented_errors;
use crate::schemas::Journey;

documented_errors!(NoActiveJourney);

/// Get the rider's own active journey
///
/// Gives the journey that the rider is on now.
#[utoipa::path(
    get,
    path = "/api/v1/users/me/journeys/active",
    operation_id = "get_my_active_journey",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    params(IfNoneMatchParams),
    responses(
        (status = 200, description = "The active journey", body = Journey),
        Errors,
    )
)]
pub(crate) async fn my_active_journey(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    seen: IfNoneMatch,
) -> ApiResult<Tagged<Journey>> {
    let journey = kairos.active_journey(&rider, rider.id).await?;
    Ok(Tagged::unless_seen(seen, journey.into()))
}
