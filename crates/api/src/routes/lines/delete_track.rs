use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::line::LineKind;

use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams};
use crate::extract::{CurrentRider, Path};
use crate::openapi::documented_errors;

documented_errors!(NotYourJourney, JourneyNotFound, NoTrack, RateLimited);

/// Remove the track of a journey
///
/// `If-Match` takes the tag of any tolerance.
#[utoipa::path(
    delete,
    path = "/api/v1/journeys/{journey_id}/track",
    operation_id = "delete_track",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IfMatchParams),
    responses(
        (status = 204, description = "The track is deleted"),
        Errors,
    )
)]
pub(crate) async fn delete_track(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    let precondition = if_match.line_precondition();
    kairos
        .delete_line(&rider, journey_id, LineKind::Track, &precondition)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
