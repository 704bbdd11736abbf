use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::journeys::JourneyChange;
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams};
use crate::extract::{CurrentRider, Fields, Input, OptionalJson, Path, parsers};
use crate::openapi::documented_errors;
use crate::schemas::Journey;

/// Whether the rider is on a journey now.
#[derive(ToSchema)]
#[schema(as = JourneyActive, example = json!({"active": true}))]
pub(crate) struct ActiveInput {
    /// Whether the rider is on the journey now. If absent, an active journey becomes inactive, and an
    /// inactive one active.
    #[schema(value_type = bool, required = false)]
    active: Option<bool>,
}

impl Input for ActiveInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let active = fields.optional("active", parsers::boolean);
        Some(Self { active: active? })
    }
}

documented_errors!(NotYourJourney, JourneyNotFound, JourneyCompleted, RateLimited);

/// Make a journey active or inactive
///
/// Sets `active`. Without a body, an inactive journey becomes active, and an active one inactive. When a
/// journey becomes active, the rider's other journeys become inactive.
#[utoipa::path(
    patch,
    path = "/api/v1/journeys/{journey_id}/active",
    operation_id = "toggle_active_journey_api_v1_journeys__journey_id__active_patch",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IfMatchParams),
    request_body(content(
        (Option<ActiveInput> = "application/json"),
        (Option<ActiveInput> = "application/merge-patch+json"),
    )),
    responses(
        (status = 204, description = "The journey is active or inactive now"),
        Errors,
    )
)]
pub(crate) async fn toggle_active(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    if_match: IfMatch,
    OptionalJson(input): OptionalJson<ActiveInput>,
) -> ApiResult<StatusCode> {
    let precondition = if_match.precondition::<Journey, _>();
    match input.and_then(|input| input.active) {
        None => {
            kairos
                .toggle_active_journey(&rider, journey_id, &precondition)
                .await?
        }
        active => {
            let change = JourneyChange {
                active,
                ..JourneyChange::default()
            };
            kairos
                .change_journey(&rider, journey_id, &precondition, &change)
                .await?
        }
    };
    Ok(StatusCode::NO_CONTENT)
}
