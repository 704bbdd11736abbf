use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams};
use crate::extract::{CurrentRider, Path};
use crate::openapi::documented_errors;
use crate::schemas::Journey;

documented_errors!(NotYourJourney, JourneyNotFound, RateLimited);

/// Delete a journey
///
/// Deletes a journey of the rider, with its markers.
#[utoipa::path(
    delete,
    path = "/api/v1/journeys/{journey_id}",
    operation_id = "delete_journey_api_v1_journeys__journey_id__delete",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IfMatchParams),
    responses(
        (status = 204, description = "The journey is deleted"),
        Errors,
    )
)]
pub(crate) async fn delete(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    let precondition = if_match.precondition::<Journey, _>();
    kairos.delete_journey(&rider, journey_id, &precondition).await?;
    Ok(StatusCode::NO_CONTENT)
}
