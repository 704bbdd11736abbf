use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::journey::Visibility;
use kairos_domain::journeys::JourneyChange;
use kairos_domain::text::{Name, Prose};
use utoipa::ToSchema;

use super::stored_texts::stored_texts;
use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams, Tagged};
use crate::extract::{Amendment, CurrentRider, Fields, Input, Path, parsers};
use crate::openapi::documented_errors;
use crate::schemas::Journey;

/// A JSON merge patch (RFC 7396) of a journey. A field that is absent stays as it is.
#[derive(ToSchema)]
#[schema(as = JourneyPatch, example = json!({"name": "Down the Danube to Vienna", "active": true}))]
pub(crate) struct JourneyPatchInput {
    /// New name of the journey, with at least one visible character.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = "\\S")]
    name: Option<Name>,
    /// New description of the journey. Null empties it.
    #[schema(value_type = Option<String>, max_length = 10000)]
    description: Option<Option<Prose>>,
    /// Who can see the journey from now on.
    #[schema(value_type = crate::schemas::Visibility, required = false)]
    visibility: Option<Visibility>,
    /// Whether the rider is on this journey now. If so, the rider's other journeys become inactive.
    #[schema(value_type = bool, required = false)]
    active: Option<bool>,
    /// Whether the journey is over. A completed journey is no longer active.
    #[schema(value_type = bool, required = false)]
    completed: Option<bool>,
}

impl Input for JourneyPatchInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.optional("name", parsers::name);
        let description = fields.optional("description", parsers::or_null(parsers::prose));
        let visibility = fields.optional("visibility", parsers::one_of(&Visibility::ALL));
        let active = fields.optional("active", parsers::boolean);
        let completed = fields.optional("completed", parsers::boolean);
        Some(Self {
            name: name?,
            description: description?,
            visibility: visibility?,
            active: active?,
            completed: completed?,
        })
    }
}

impl From<JourneyPatchInput> for JourneyChange {
    fn from(patch: JourneyPatchInput) -> Self {
        Self {
            name: patch.name,
            description: patch.description.map(Option::unwrap_or_default),
            visibility: patch.visibility,
            active: patch.active,
            completed: patch.completed,
        }
    }
}

documented_errors!(
    NotYourJourney,
    JourneyNotFound,
    JourneyCompleted,
    JourneyFull,
    AccountFull,
    RateLimited
);

/// Change some fields of a journey, or complete it
///
/// Sets the fields that the body names. Without a body, the journey is completed, and no longer active.
#[utoipa::path(
    patch,
    path = "/api/v1/journeys/{journey_id}",
    operation_id = "set_completed_journey_api_v1_journeys__journey_id__patch",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IfMatchParams),
    request_body(content(
        (Option<JourneyPatchInput> = "application/json"),
        (Option<JourneyPatchInput> = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The journey as it is now, if there was a patch", body = Journey),
        (status = 204, description = "The journey is completed, if there was no body"),
        Errors,
    )
)]
pub(crate) async fn patch(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    if_match: IfMatch,
    patch: Amendment<JourneyPatchInput>,
) -> ApiResult<Response> {
    let patch = patch
        .judged_if_any(stored_texts(&kairos, &rider, journey_id))
        .await?;
    let is_patch = patch.is_some();
    let change = patch.map_or_else(JourneyChange::completion, JourneyChange::from);
    let precondition = if_match.precondition::<Journey, _>();
    let journey = kairos
        .change_journey(&rider, journey_id, &precondition, &change)
        .await?;
    Ok(if is_patch {
        Tagged::new(Journey::from(journey)).into_response()
    } else {
        StatusCode::NO_CONTENT.into_response()
    })
}
