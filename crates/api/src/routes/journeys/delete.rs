use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use crate::error::{ApiResult, ErrorDetail};
use crate::etag::{IfMatch, IfMatchParams};
use crate::extract::{CurrentRider, Path};
use crate::schemas::Journey;

/// Delete a journey
///
/// Its markers go with it.
#[utoipa::path(
    delete,
    path = "/api/v1/journeys/{journey_id}",
    operation_id = "delete_journey_api_v1_journeys__journey_id__delete",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IfMatchParams),
    responses(
        (status = 204, description = "The journey is deleted"),
        (status = 403, description = "`Not your journey`", body = ErrorDetail),
        (status = 404, description = "`Journey not found`", body = ErrorDetail),
        (status = 429, description = "Too many writes; `Retry-After` says when to try again", body = ErrorDetail),
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
