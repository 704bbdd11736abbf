use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use crate::error::{ApiResult, ErrorDetail};
use crate::extract::{CurrentRider, Path};

/// Delete my journey
///
/// Its markers go with it.
#[utoipa::path(
    delete,
    path = "/api/v1/journeys/{journey_id}",
    operation_id = "delete_journey_api_v1_journeys__journey_id__delete",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path)),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "`Not your journey`", body = ErrorDetail),
        (status = 404, description = "`Journey not found`", body = ErrorDetail),
    )
)]
pub(crate) async fn delete(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
) -> ApiResult<StatusCode> {
    kairos.delete_journey(&rider, journey_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
