use kairos_domain::discovery::NearbyQuery;
use utoipa::IntoParams;

use crate::extract::{Fields, Input, parsers};

/// How far to look, and for what.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NearbyParams {
    /// The longest distance between a marker of the other journey and a marker of this journey (or the point), in metres. The
    /// operator can change the default.
    #[param(required = false, default = 100_000.0, minimum = 0.0, maximum = 500_000.0)]
    pub(super) max_distance_meters: Option<f64>,
    /// The most journeys to give.
    #[param(required = false, default = 50, minimum = 1, maximum = 500)]
    pub(super) limit: Option<u32>,
    /// Whether completed journeys count.
    #[param(required = false, default = true)]
    pub(super) include_completed: bool,
}

impl Input for NearbyParams {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Self::read_with(fields, NearbyQuery::MAX_LIMIT)
    }
}

impl NearbyParams {
    /// Reads the query with a highest limit of its own.
    pub(super) fn read_with(fields: &mut Fields<'_>, max_limit: u32) -> Option<Self> {
        let distances = 0.0..=NearbyQuery::MAX_DISTANCE_METRES;
        let max_distance_meters = fields.optional("max_distance_meters", parsers::number(distances));
        let limit = fields.optional("limit", parsers::integer(1..=max_limit));
        let include_completed = fields.optional("include_completed", parsers::boolean);
        Some(Self {
            max_distance_meters: max_distance_meters?,
            limit: limit?,
            include_completed: include_completed?.unwrap_or(true),
        })
    }
}

impl From<NearbyParams> for NearbyQuery {
    fn from(params: NearbyParams) -> Self {
        Self {
            max_distance_metres: params.max_distance_meters,
            limit: params.limit.unwrap_or(Self::DEFAULT_LIMIT),
            include_completed: params.include_completed,
        }
    }
}
