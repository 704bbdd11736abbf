use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::{JourneyId, MarkerId};

use super::marker_input::MarkerInput;
use crate::error::{ApiResult, ErrorDetail};
use crate::extract::{CurrentRider, Json, Path};
use crate::schemas::Marker;

/// Change a marker on my journey
///
/// The marker is given in full: what is absent is emptied. Its id, owner and creation stay.
#[utoipa::path(
    put,
    path = "/api/v1/journeys/{journey_id}/markers/{marker_id}",
    operation_id = "update_journey_marker_api_v1_journeys__journey_id__markers__marker_id__put",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), ("marker_id" = String, Path)),
    request_body = MarkerInput,
    responses(
        (status = 200, description = "The marker as it is now", body = Marker),
        (status = 403, description = "`Not your journey`", body = ErrorDetail),
        (status = 404, description = "`Journey not found`, `Marker not found`", body = ErrorDetail),
    )
)]
pub(crate) async fn update(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path((journey_id, marker_id)): Path<(JourneyId, MarkerId)>,
    Json(input): Json<MarkerInput>,
) -> ApiResult<Json<Marker>> {
    let marker = kairos
        .update_marker(&rider, journey_id, marker_id, &input.into())
        .await?;
    Ok(Json(marker.into()))
}
