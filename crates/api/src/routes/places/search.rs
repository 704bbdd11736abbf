use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use kairos_domain::geo::Position;
use kairos_places::{beginning_with, nearest_to};
use utoipa::IntoParams;

use crate::extract::{Fields, Input, Json, Objection, Query, parsers};
use crate::schemas::Place;

const MAX_LIMIT: u32 = 20;
const DEFAULT_LIMIT: u32 = 10;

/// The towns are part of the program.
const CACHING: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// The beginning of a name, or a position.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes the parameters; `PlaceQuery` reads them")]
pub(crate) struct PlaceParams {
    /// The beginning of the town's name, in any script. Case, diacritics and punctuation don't count.
    #[param(
        required = false,
        nullable = false,
        min_length = 1,
        max_length = 200,
        example = "lug"
    )]
    q: Option<String>,
    /// Instead of `q`: longitude and latitude in degrees (WGS 84), separated by a comma.
    #[param(required = false, nullable = false, example = "8.95,46.01")]
    near: Option<String>,
    /// The most towns to give; 10 if absent.
    #[param(required = false, nullable = false, minimum = 1, maximum = 20)]
    limit: Option<u32>,
}

/// The towns that a client looks for.
pub(crate) struct PlaceQuery {
    wanted: Wanted,
    limit: usize,
}

enum Wanted {
    BeginningWith(String),
    NearestTo(Position),
}

impl Input for PlaceQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let q = fields.optional("q", parsers::text_of(1..=200));
        let near = fields.optional("near", parsers::separated_degrees);
        let limit = fields.optional("limit", parsers::integer(1..=MAX_LIMIT));
        let wanted = match (q?, near?) {
            (Some(beginning), None) => Wanted::BeginningWith(beginning),
            (None, Some(position)) => Wanted::NearestTo(position),
            (Some(_), Some(_)) => {
                fields.object("near", Objection::value("must not be given together with `q`"));
                return None;
            }
            (None, None) => {
                fields.object("q", Objection::missing());
                return None;
            }
        };
        Some(Self {
            wanted,
            limit: limit?.unwrap_or(DEFAULT_LIMIT) as usize,
        })
    }
}

/// Search towns
///
/// Finds towns whose names begin with `q`, the largest first, or the towns nearest to `near`. The towns are those of
/// GeoNames (CC BY 4.0) with at least 1 000 inhabitants, and all capitals.
#[utoipa::path(
    get,
    path = "/api/v1/places",
    operation_id = "search_places",
    tag = "places",
    params(PlaceParams),
    responses((status = 200, description = "The towns", body = Vec<Place>))
)]
pub(crate) async fn search(Query(PlaceQuery { wanted, limit }): Query<PlaceQuery>) -> Response {
    let places: Vec<Place> = match wanted {
        Wanted::BeginningWith(beginning) => beginning_with(&beginning, limit)
            .into_iter()
            .map(|place| Place::of(place, None))
            .collect(),
        Wanted::NearestTo(position) => nearest_to(position, limit)
            .into_iter()
            .map(|(place, distance)| Place::of(place, Some(distance)))
            .collect(),
    };
    ([(CACHE_CONTROL, CACHING)], Json(places)).into_response()
}
