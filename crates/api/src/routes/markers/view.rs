use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::{JourneyId, MarkerId};

use crate::error::ApiResult;
use crate::etag::{IfNoneMatch, IfNoneMatchParams, Tagged};
use crate::extract::{CurrentRider, Path};
use crate::openapi::documented_errors;
use crate::schemas::Marker;

documented_errors!(JourneyNotFound, MarkerNotFound);

/// Get a marker
///
/// Gives a marker of a journey that the rider can see.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{journey_id}/markers/{marker_id}",
    operation_id = "get_journey_marker_api_v1_journeys__journey_id__markers__marker_id__get",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), ("marker_id" = String, Path), IfNoneMatchParams),
    responses(
        (status = 200, description = "The marker", body = Marker),
        Errors,
    )
)]
pub(crate) async fn view(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path((journey_id, marker_id)): Path<(JourneyId, MarkerId)>,
    seen: IfNoneMatch,
) -> ApiResult<Tagged<Marker>> {
    let marker = kairos.view_marker(&rider, journey_id, marker_id).await?;
    Ok(Tagged::unless_seen(seen, marker.into()))
}
