use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::{JourneyId, MarkerId};

use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams};
use crate::extract::{CurrentRider, Path};
use crate::openapi::documented_errors;
use crate::schemas::Marker;

documented_errors!(NotYourJourney, JourneyNotFound, MarkerNotFound, RateLimited);

/// Delete a marker
///
/// Deletes a marker from a journey of the rider.
#[utoipa::path(
    delete,
    path = "/api/v1/journeys/{journey_id}/markers/{marker_id}",
    operation_id = "delete_journey_marker_api_v1_journeys__journey_id__markers__marker_id__delete",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), ("marker_id" = String, Path), IfMatchParams),
    responses(
        (status = 204, description = "The marker is deleted"),
        Errors,
    )
)]
pub(crate) async fn delete(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path((journey_id, marker_id)): Path<(JourneyId, MarkerId)>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    let precondition = if_match.precondition::<Marker, _>();
    kairos
        .delete_marker(&rider, journey_id, marker_id, &precondition)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
