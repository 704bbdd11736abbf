use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use super::nearby_query::NearbyParams;
use crate::error::ApiResult;
use crate::extract::{CurrentRider, Json, Path, Query};
use crate::openapi::documented_errors;
use crate::schemas::Id;

documented_errors!(JourneyNotFound);

/// List ids of journeys near a journey
///
/// Lists the ids of other riders' journeys. The distance is the smallest between any marker of theirs and any
/// marker of this journey. The nearest comes first; the id decides ties. The answer is exact. A journey
/// without markers has no neighbours.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{journey_id}/journeys/nearby",
    operation_id = "get_nearby_journeys_api_v1_journeys__journey_id__journeys_nearby_get",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), NearbyParams),
    responses(
        (status = 200, description = "The ids of the journeys", body = inline(Vec<Id>), example = json!(["665f1c2ab8e4d90012a4c7f2"])),
        Errors,
    )
)]
pub(crate) async fn near_journey(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    Query(params): Query<NearbyParams>,
) -> ApiResult<Json<Vec<String>>> {
    let found = kairos
        .journeys_near_journey(&rider, journey_id, params.into())
        .await?;
    Ok(Json(
        found
            .into_iter()
            .map(|found| found.journey.id.to_string())
            .collect(),
    ))
}
