use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::line::LineKind;

use super::view::{LineQuery, view_line};
use crate::error::ApiResult;
use crate::etag::{IfNoneMatch, IfNoneMatchParams};
use crate::extract::{CurrentRider, Path, Query};
use crate::openapi::documented_errors;
use crate::schemas::LineFeature;

documented_errors!(JourneyNotFound, NoRoute, WholeAnswerTooLarge);

/// Read the route of a journey
///
/// Returns the route as a GeoJSON feature, simplified if `tolerance_meters` asks for it.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{journey_id}/route",
    operation_id = "get_route",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), LineQuery, IfNoneMatchParams),
    responses(
        (status = 200, description = "The route", body = LineFeature, content_type = "application/geo+json"),
        Errors,
    )
)]
pub(crate) async fn get_route(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    Query(query): Query<LineQuery>,
    seen: IfNoneMatch,
) -> ApiResult<Response> {
    view_line(&kairos, &rider, journey_id, LineKind::Route, query, seen).await
}
