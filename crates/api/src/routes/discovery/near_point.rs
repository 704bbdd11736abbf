use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::geo::Position;
use utoipa::IntoParams;

use super::nearby_query::NearbyParams;
use crate::error::ApiResult;
use crate::extract::{CurrentRider, Fields, Input, Json, Query, parsers};
use crate::schemas::NearbyJourney;

/// Where to look.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes the parameters; `NearPoint` reads them")]
pub(crate) struct PointParams {
    /// Degrees east of Greenwich (WGS 84).
    #[param(minimum = -180.0, maximum = 180.0, example = 13.43)]
    longitude: f64,
    /// Degrees north of the equator (WGS 84).
    #[param(minimum = -90.0, maximum = 90.0, example = 48.57)]
    latitude: f64,
}

/// Where to look, how far, and for what.
pub(crate) struct NearPoint {
    position: Position,
    nearby: NearbyParams,
}

impl Input for NearPoint {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let longitude = fields.required("longitude", parsers::number(-180.0..=180.0));
        let latitude = fields.required("latitude", parsers::number(-90.0..=90.0));
        let nearby = NearbyParams::read(fields);
        Some(Self {
            position: Position::new(longitude?, latitude?, None).ok()?,
            nearby: nearby?,
        })
    }
}

/// List journeys near a point
///
/// Lists journeys of other riders by the distance of their nearest marker. The nearest comes first; the id
/// decides ties. The answer is exact.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/nearby",
    operation_id = "get_journeys_near_point_api_v1_journeys_nearby_get",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(PointParams, NearbyParams),
    responses((status = 200, description = "The nearby journeys. `rider`, `markers` and `lines` are null", body = Vec<NearbyJourney>))
)]
pub(crate) async fn near_point(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Query(NearPoint { position, nearby }): Query<NearPoint>,
) -> ApiResult<Json<Vec<NearbyJourney>>> {
    let found = kairos
        .journeys_near_point(&rider, position, nearby.into())
        .await?;
    Ok(Json(found.into_iter().map(NearbyJourney::from).collect()))
}
