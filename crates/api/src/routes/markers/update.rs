use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::marker::MarkerDetails;

use super::marker_input::MarkerInput;
use super::stored_texts::stored_texts;
use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams, Tagged};
use crate::extract::{Amendment, CurrentRider, Path};
use crate::openapi::documented_errors;
use crate::schemas::Marker;

documented_errors!(
    NotYourJourney,
    JourneyNotFound,
    MarkerNotFound,
    JourneyFull,
    AccountFull,
    RateLimited
);

/// Replace a marker
///
/// Replaces the whole marker: a field that is absent is emptied. Id, owner and time of creation stay.
#[utoipa::path(
    put,
    path = "/api/v1/journeys/{journey_id}/markers/{marker_id}",
    operation_id = "update_journey_marker_api_v1_journeys__journey_id__markers__marker_id__put",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), ("marker_id" = String, Path), IfMatchParams),
    request_body = MarkerInput,
    responses(
        (status = 200, description = "The marker as it is now", body = Marker),
        Errors,
    )
)]
pub(crate) async fn update(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path((journey_id, marker_id)): Path<(JourneyId, MarkerId)>,
    if_match: IfMatch,
    input: Amendment<MarkerInput>,
) -> ApiResult<Tagged<Marker>> {
    let precondition = if_match.precondition::<Marker, _>();
    let input = input
        .judged(stored_texts(&kairos, &rider, journey_id, marker_id))
        .await?;
    let change = MarkerDetails::from(input).into();
    let marker = kairos
        .change_marker(&rider, journey_id, marker_id, &precondition, &change)
        .await?;
    Ok(Tagged::new(marker.into()))
}
