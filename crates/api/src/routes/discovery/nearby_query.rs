use kairos_domain::discovery::NearbyQuery;
use utoipa::IntoParams;

use crate::extract::{Fields, Input, parsers};

/// How far to look, and for what.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NearbyParams {
    /// Largest distance between a marker of the other journey and a marker of this journey (or the point), in
    /// metres. If absent, 100 000 or what the operator has set.
    #[param(required = false, nullable = false, minimum = 0.0, maximum = 500_000.0)]
    pub(super) max_distance_meters: Option<f64>,
    /// Largest number of journeys in the answer. 50 if absent.
    #[param(required = false, nullable = false, minimum = 1, maximum = 500)]
    pub(super) limit: Option<u32>,
    /// Whether completed journeys are listed. They are if it is absent.
    #[param(required = false)]
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
