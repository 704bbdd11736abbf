use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use crate::error::ApiResult;
use crate::etag::{IfNoneMatch, IfNoneMatchParams, Tagged};
use crate::extract::{CurrentRider, Path};
use crate::openapi::documented_errors;
use crate::schemas::Schedule;

documented_errors!(JourneyNotFound, NoSchedule);

/// Get the schedule of a journey
///
/// Gives when and how fast the route is to be ridden, and the day on which the rider reaches its end.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{journey_id}/schedule",
    operation_id = "get_schedule",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IfNoneMatchParams),
    responses(
        (status = 200, description = "The schedule", body = Schedule),
        Errors,
    )
)]
pub(crate) async fn get_schedule(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    seen: IfNoneMatch,
) -> ApiResult<Tagged<Schedule>> {
    let schedule = kairos.view_schedule(&rider, journey_id).await?;
    Ok(Tagged::unless_seen(seen, schedule.into()))
}
