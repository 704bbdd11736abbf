use kairos_domain::discovery::NearbyQuery;
use utoipa::IntoParams;

use crate::extract::{Fields, Input, read};

/// How far to look, and for what.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NearbyParams {
    /// How far some marker of theirs may lie from some marker of this journey (or from the point), in metres.
    #[param(required = false, default = 100_000.0, minimum = 0.0, maximum = 500_000.0)]
    max_distance_meters: f64,
    /// The most journeys to give.
    #[param(required = false, default = 50, minimum = 1, maximum = 500)]
    limit: u32,
    /// Whether completed journeys count.
    #[param(required = false, default = true)]
    include_completed: bool,
}

impl Input for NearbyParams {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let distances = 0.0..=NearbyQuery::MAX_DISTANCE_METRES;
        let max_distance_meters = fields.optional("max_distance_meters", read::number(distances));
        let limit = fields.optional("limit", read::integer(1..=NearbyQuery::MAX_LIMIT));
        let include_completed = fields.optional("include_completed", read::boolean);
        let default = NearbyQuery::default();
        Some(Self {
            max_distance_meters: max_distance_meters?.unwrap_or(default.max_distance_metres),
            limit: limit?.unwrap_or(default.limit),
            include_completed: include_completed?.unwrap_or(default.include_completed),
        })
    }
}

impl From<NearbyParams> for NearbyQuery {
    fn from(params: NearbyParams) -> Self {
        Self {
            max_distance_metres: params.max_distance_meters,
            limit: params.limit,
            include_completed: params.include_completed,
        }
    }
}
