use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use crate::error::{ApiResult, ErrorDetail};
use crate::extract::{CurrentRider, Path};

/// Switch my journey on or off
///
/// An inactive journey becomes the active one, and any other of mine is switched off; an active one becomes inactive.
#[utoipa::path(
    patch,
    path = "/api/v1/journeys/{journey_id}/active",
    operation_id = "toggle_active_journey_api_v1_journeys__journey_id__active_patch",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path)),
    responses(
        (status = 204, description = "It was switched"),
        (status = 403, description = "`Not your journey`", body = ErrorDetail),
        (status = 404, description = "`Journey not found`", body = ErrorDetail),
        (status = 409, description = "`A completed journey cannot be active`", body = ErrorDetail),
    )
)]
pub(crate) async fn toggle_active(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
) -> ApiResult<StatusCode> {
    kairos.toggle_active_journey(&rider, journey_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
