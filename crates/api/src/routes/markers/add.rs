use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use super::marker_input::MarkerInput;
use crate::error::ApiResult;
use crate::etag::Tagged;
use crate::extract::{CurrentRider, IdempotencyKeyParams, Keyed, Path};
use crate::openapi::documented_errors;
use crate::schemas::Marker;

documented_errors!(
    NotYourJourney,
    JourneyNotFound,
    MarkerNotFound,
    TooManyMarkers,
    JourneyFull,
    AccountFull,
    RateLimited
);

/// Add a marker to a journey
///
/// Adds a place where the rider has been (`past`), or means to be (`plan`).
#[utoipa::path(
    post,
    path = "/api/v1/journeys/{journey_id}/markers",
    operation_id = "add_marker_to_journey_api_v1_journeys__journey_id__markers_post",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IdempotencyKeyParams),
    request_body(content = MarkerInput, examples(
        ("plan" = (summary = "A place where the rider means to be", value = json!({
            "name": "Passau",
            "marker_type": "plan",
            "coordinates": {"type": "Point", "coordinates": [13.43, 48.57]},
            "estimated_time": "2027-06-06",
            "notes": "Camp where the three rivers meet.",
        }))),
        ("past" = (summary = "A place where the rider has been", value = json!({
            "name": "Ulm",
            "marker_type": "past",
            "coordinates": {"type": "Point", "coordinates": [9.99, 48.4, 478]},
            "timestamp": "2026-05-04",
        }))),
    )),
    responses(
        (status = 201, description = "The new marker", body = Marker),
        Errors,
    )
)]
pub(crate) async fn add(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    Keyed { input, key }: Keyed<MarkerInput>,
) -> ApiResult<(StatusCode, Tagged<Marker>)> {
    let marker = kairos
        .add_marker(&rider, journey_id, input.into(), key.as_ref())
        .await?;
    Ok((StatusCode::CREATED, Tagged::new(marker.into())))
}
