use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use kairos_domain::Kairos;
use kairos_domain::id::{JourneyId, MarkerId};

use crate::error::ApiResult;
use crate::extract::{Path, Query, TokenAnd};
use crate::openapi::documented_errors;
use crate::paging::{PageParams, PageQuery};
use crate::schemas::Marker;

documented_errors!(JourneyNotFound, WholeAnswerTooLarge);

/// List the markers of a journey
///
/// Lists them in riding order: past markers by `timestamp`, then planned ones by `estimated_time`. Undated
/// markers come after the dated ones of their kind. Markers of one day come in the order of their creation.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{journey_id}/markers",
    operation_id = "get_journey_markers_api_v1_journeys__journey_id__markers_get",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), PageParams),
    responses(
        (status = 200, description = "The markers", body = Vec<Marker>, headers(("link" = String, description = "URL of the next page, with `rel=\"next\"`. Only with a `limit`, and while there is more"))),
        Errors,
    )
)]
pub(crate) async fn list(
    State(kairos): State<Arc<Kairos>>,
    TokenAnd(token, (Path(journey_id), Query(query))): TokenAnd<(
        Path<JourneyId>,
        Query<PageQuery<MarkerId>>,
    )>,
) -> ApiResult<Response> {
    let markers = kairos
        .list_markers(token, journey_id, query.after(), query.limit())
        .await?;
    query.answer::<_, Marker>(markers, |place| place.id).await
}
