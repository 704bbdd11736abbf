use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams};
use crate::extract::{CurrentRider, Path};
use crate::openapi::documented_errors;
use crate::schemas::Schedule;

documented_errors!(NotYourJourney, JourneyNotFound, NoSchedule, RateLimited);

/// Remove the schedule of a journey
///
/// The route stays.
#[utoipa::path(
    delete,
    path = "/api/v1/journeys/{journey_id}/schedule",
    operation_id = "delete_schedule",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IfMatchParams),
    responses(
        (status = 204, description = "The schedule is deleted"),
        Errors,
    )
)]
pub(crate) async fn delete_schedule(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    let precondition = if_match.precondition_if_any::<Schedule, _>();
    kairos.delete_schedule(&rider, journey_id, &precondition).await?;
    Ok(StatusCode::NO_CONTENT)
}
