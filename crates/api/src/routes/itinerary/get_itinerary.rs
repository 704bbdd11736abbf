use std::sync::Arc;

use axum::extract::State;
use chrono::NaiveDate;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::journeys::ItineraryQuery;
use utoipa::IntoParams;

use crate::error::ApiResult;
use crate::extract::{CurrentRider, Fields, Input, Json, Objection, Path, Query, parsers};
use crate::openapi::documented_errors;
use crate::schemas::Day;

/// The days that the client asks for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `ItineraryQuery` reads")]
pub(crate) struct ItineraryParams {
    /// First day (UTC). All days up to `to` if absent.
    #[param(required = false, nullable = false)]
    from: Option<NaiveDate>,
    /// Last day (UTC). Not before `from`. All days from `from` on if absent.
    #[param(required = false, nullable = false)]
    to: Option<NaiveDate>,
}

impl Input for ItineraryQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let from = fields.optional("from", parsers::date);
        let to = fields.optional("to", parsers::date);
        if let (Some(Some(from)), Some(Some(to))) = (from, to)
            && from > to
        {
            fields.object("from", Objection::value("must not be after `to`"));
        }
        Some(Self { from: from?, to: to? })
    }
}

documented_errors!(JourneyNotFound, TooManyDays);

/// Get the itinerary of a journey
///
/// Gives where the rider is at the end of each day. Dated markers and the track fix days. The route and the schedule
/// give the days between them and after them. Without a route, days lie on the great circle between fixed days. A day
/// without a position is left out. An answer has at most 10000 days.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{journey_id}/itinerary",
    operation_id = "get_itinerary",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), ItineraryParams),
    responses(
        (status = 200, description = "The days, earliest first", body = Vec<Day>),
        Errors,
    )
)]
pub(crate) async fn get_itinerary(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    Query(query): Query<ItineraryQuery>,
) -> ApiResult<Json<Vec<Day>>> {
    let days = kairos.view_itinerary(&rider, journey_id, query).await?;
    Ok(Json(days.into_iter().map(Day::from).collect()))
}
