use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use crate::error::ApiResult;
use crate::extract::{CurrentRider, Json, Path};
use crate::openapi::documented_errors;
use crate::schemas::JourneyStats;

documented_errors!(JourneyNotFound);

/// Get the figures of a journey
///
/// Gives the number of markers of each kind, the days from the first to the last, and the lengths in metres.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{journey_id}/stats",
    operation_id = "get_journey_stats_api_v1_journeys__journey_id__stats_get",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path)),
    responses(
        (status = 200, description = "The figures", body = JourneyStats),
        Errors,
    )
)]
pub(crate) async fn stats(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
) -> ApiResult<Json<JourneyStats>> {
    let stats = kairos.journey_stats(&rider, journey_id).await?;
    Ok(Json(stats.into()))
}
