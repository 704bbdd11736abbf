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

/// Put a marker on a journey
#[utoipa::path(
    post,
    path = "/api/v1/journeys/{journey_id}/markers",
    operation_id = "add_marker_to_journey_api_v1_journeys__journey_id__markers_post",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IdempotencyKeyParams),
    request_body = MarkerInput,
    responses(
        (status = 201, description = "The marker", body = Marker),
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
