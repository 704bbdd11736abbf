use std::sync::Arc;

use axum::extract::State;
use chrono::NaiveDate;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::schedule;
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams, Tagged};
use crate::extract::{CurrentRider, Fields, Input, Json, Objection, Path, RawValue, parsers};
use crate::openapi::documented_errors;
use crate::schemas::Schedule;

/// When and how fast the route of a journey is to be ridden, as its owner writes it.
#[derive(ToSchema)]
#[schema(as = ScheduleInput, example = json!({
    "start_date": "2027-06-01",
    "meters_per_day": 80_000,
    "rest_dates": ["2027-06-10"],
    "rest_weekdays": [7],
}))]
#[expect(dead_code, reason = "describes what `Scheduled` reads")]
pub(crate) struct ScheduleInput {
    /// Day (UTC) that the rider ends at the start of the route. The next day is the first riding day.
    start_date: NaiveDate,
    /// Length of a riding day, in metres.
    #[schema(minimum = 1000, maximum = 500_000)]
    meters_per_day: u32,
    /// Days on which the rider stays. None if absent.
    #[schema(required = false, max_items = 366)]
    rest_dates: Vec<NaiveDate>,
    /// Weekdays on which the rider stays, 1 (Monday) to 7, not all of them. None if absent.
    #[schema(required = false, max_items = 7)]
    rest_weekdays: Vec<u8>,
}

/// The most items of `rest_weekdays`.
const MAX_REST_WEEKDAYS: usize = 7;

/// A schedule as it was read.
pub(crate) struct Scheduled(schedule::Schedule);

impl Input for Scheduled {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let start_date = fields.required("start_date", parsers::date);
        let paces = schedule::Schedule::METRES_PER_DAY;
        let metres_per_day = fields.required("meters_per_day", parsers::integer(paces));
        let max_rest_dates = schedule::Schedule::MAX_REST_DATES;
        let rest_dates = bounded(fields, "rest_dates", max_rest_dates, parsers::date);
        let weekday = |raw: RawValue<'_>| {
            let number = parsers::integer(1..=7)(raw)?;
            u8::try_from(number).map_err(|_| Objection::value("must be a weekday"))
        };
        let rest_weekdays = bounded(fields, "rest_weekdays", MAX_REST_WEEKDAYS, weekday);
        let schedule = schedule::Schedule::new(start_date?, metres_per_day?, rest_dates?, rest_weekdays?);
        if schedule.is_err() {
            // Every other bound has been checked.
            let objection = Objection::value("one weekday must not be a rest day");
            fields.object("rest_weekdays", objection);
        }
        schedule.ok().map(Self)
    }
}

/// Reads a list of at most so many values, which may be absent.
fn bounded<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    most: usize,
    parser: impl Fn(RawValue<'_>) -> Result<T, Objection>,
) -> Option<Vec<T>> {
    if fields.count(name) > most {
        fields.object(name, Objection::too_many("List", most));
        return None;
    }
    fields.list(name, parser)
}

documented_errors!(NotYourJourney, JourneyNotFound, RouteNeeded, RateLimited);

/// Set the schedule of a journey
///
/// Replaces the whole schedule. The journey must have a route. The schedule is at fault if it reaches the end of the
/// route more than 1000 days after its start, or after the year 9999. A new route keeps the schedule.
#[utoipa::path(
    put,
    path = "/api/v1/journeys/{journey_id}/schedule",
    operation_id = "put_schedule",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IfMatchParams),
    request_body = ScheduleInput,
    responses(
        (status = 200, description = "The schedule as it is now", body = Schedule),
        Errors,
    )
)]
pub(crate) async fn put_schedule(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    if_match: IfMatch,
    Json(Scheduled(schedule)): Json<Scheduled>,
) -> ApiResult<Tagged<Schedule>> {
    let precondition = if_match.precondition_if_any::<Schedule, _>();
    let schedule = kairos
        .put_schedule(&rider, journey_id, &precondition, schedule)
        .await?;
    Ok(Tagged::new(schedule.into()))
}
