use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::{JourneyId, MarkerId};

use crate::error::{ApiResult, ErrorDetail};
use crate::extract::{CurrentRider, Path};

/// Remove a marker from my journey
#[utoipa::path(
    delete,
    path = "/api/v1/journeys/{journey_id}/markers/{marker_id}",
    operation_id = "delete_journey_marker_api_v1_journeys__journey_id__markers__marker_id__delete",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), ("marker_id" = String, Path)),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "`Not your journey`", body = ErrorDetail),
        (status = 404, description = "`Journey not found`, `Marker not found`", body = ErrorDetail),
    )
)]
pub(crate) async fn delete(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path((journey_id, marker_id)): Path<(JourneyId, MarkerId)>,
) -> ApiResult<StatusCode> {
    kairos.delete_marker(&rider, journey_id, marker_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
