use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;

use crate::error::{ApiResult, ErrorDetail};
use crate::etag::{IfNoneMatch, IfNoneMatchParams, Tagged};
use crate::extract::CurrentRider;
use crate::schemas::Journey;

/// The journey that the rider is on
#[utoipa::path(
    get,
    path = "/api/v1/users/me/journeys/active",
    operation_id = "get_my_active_journey",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    params(IfNoneMatchParams),
    responses(
        (status = 200, description = "The journey", body = Journey),
        (status = 404, description = "`No active journey found`", body = ErrorDetail),
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
