use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use crate::error::ApiResult;
use crate::etag::{IfNoneMatch, IfNoneMatchParams, Tagged};
use crate::extract::{Path, TokenAnd};
use crate::openapi::documented_errors;
use crate::schemas::Journey;

documented_errors!(JourneyNotFound);

/// Get a journey
///
/// Gives a journey of the rider, or a public one of another rider.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{journey_id}",
    operation_id = "get_journey_api_v1_journeys__journey_id__get",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IfNoneMatchParams),
    responses(
        (status = 200, description = "The journey", body = Journey),
        Errors,
    )
)]
pub(crate) async fn view(
    State(kairos): State<Arc<Kairos>>,
    TokenAnd(token, Path(journey_id)): TokenAnd<Path<JourneyId>>,
    seen: IfNoneMatch,
) -> ApiResult<Tagged<Journey>> {
    let journey = kairos.view_journey_by_token(token, journey_id).await?;
    Ok(Tagged::unless_seen(seen, journey.into()))
}
