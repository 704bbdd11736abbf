use std::sync::Arc;

use axum::extract::State;
use chrono::NaiveDate;
use kairos_domain::Kairos;
use kairos_domain::discovery::EncounterQuery;
use kairos_domain::id::JourneyId;
use utoipa::IntoParams;

use crate::error::ApiResult;
use crate::extract::{CurrentRider, Fields, Input, Json, Objection, Path, Query, parsers};
use crate::openapi::documented_errors;
use crate::schemas::Encounter;

/// When to look, how far, and for how many.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EncounterParams {
    /// First day (UTC) of this journey that counts. Today if absent.
    #[param(required = false, nullable = false)]
    from: Option<NaiveDate>,
    /// Last day (UTC) of this journey that counts. Not before `from`. All days from then on if absent.
    #[param(required = false, nullable = false)]
    to: Option<NaiveDate>,
    /// Largest number of days between two positions that count as a meeting. 1 if absent.
    #[param(required = false, minimum = 0, maximum = 14)]
    within_days: u32,
    /// Largest distance between two positions that count as a meeting, in metres. 25 000 if absent.
    #[param(required = false, minimum = 0.0, maximum = 200_000.0)]
    max_distance_meters: f64,
    /// Largest number of encounters in the answer. 50 if absent.
    #[param(required = false, minimum = 1, maximum = 500)]
    limit: u32,
}

impl Input for EncounterParams {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let from = fields.optional("from", parsers::date);
        let to = fields.optional("to", parsers::date);
        let within_days = fields.optional(
            "within_days",
            parsers::integer(0..=EncounterQuery::MAX_WITHIN_DAYS),
        );
        let distances = 0.0..=EncounterQuery::MAX_DISTANCE_METRES;
        let max_distance_meters = fields.optional("max_distance_meters", parsers::number(distances));
        let limit = fields.optional("limit", parsers::integer(1..=EncounterQuery::MAX_LIMIT));
        if let (Some(Some(from)), Some(Some(to))) = (from, to)
            && from > to
        {
            fields.object("from", Objection::value("must not be after `to`"));
        }
        let default = EncounterQuery::default();
        Some(Self {
            from: from?,
            to: to?,
            within_days: within_days?.unwrap_or(default.within_days),
            max_distance_meters: max_distance_meters?.unwrap_or(default.max_distance_metres),
            limit: limit?.unwrap_or(default.limit),
        })
    }
}

documented_errors!(NotYourJourney, EmailNotVerified, JourneyNotFound, JourneyPrivate);

/// List encounters
///
/// Lists riders who will be near on the same days: the closest meeting with each other journey that is public
/// and not completed. The closest has the fewest days apart, then the shortest distance. The dated markers of
/// a journey give its position for every day between the first and the last, along the great circle. Gaps of
/// more than 30 days are not filled. Riders see others only if others can see them: the journey must be
/// public, and its owner's address verified.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{journey_id}/encounters",
    operation_id = "get_encounters_api_v1_journeys__journey_id__encounters_get",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), EncounterParams),
    responses(
        (status = 200, description = "The encounters, ordered by `date`, then distance, then id", body = Vec<Encounter>),
        Errors,
    )
)]
pub(crate) async fn encounters(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    Query(params): Query<EncounterParams>,
) -> ApiResult<Json<Vec<Encounter>>> {
    let EncounterParams {
        from,
        to,
        within_days,
        max_distance_meters,
        limit,
    } = params;
    let query = EncounterQuery {
        from,
        to,
        within_days,
        max_distance_metres: max_distance_meters,
        limit,
    };
    let found = kairos.encounters(&rider, journey_id, query).await?;
    Ok(Json(found.into_iter().map(Encounter::from).collect()))
}
