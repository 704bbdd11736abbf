use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use crate::error::{ApiResult, ErrorDetail};
use crate::extract::{CurrentRider, Path};

/// Complete my journey
///
/// It is over then, and no longer active.
#[utoipa::path(
    patch,
    path = "/api/v1/journeys/{journey_id}",
    operation_id = "set_completed_journey_api_v1_journeys__journey_id__patch",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path)),
    responses(
        (status = 204, description = "It is completed"),
        (status = 403, description = "`Not your journey`", body = ErrorDetail),
        (status = 404, description = "`Journey not found`", body = ErrorDetail),
    )
)]
pub(crate) async fn complete(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
) -> ApiResult<StatusCode> {
    kairos.complete_journey(&rider, journey_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
