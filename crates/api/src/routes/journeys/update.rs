use std::sync::Arc;

use axum::extract::State;
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

/// A change of a journey. A field that is absent stays as it is.
#[derive(ToSchema)]
#[schema(as = JourneyUpdate, example = json!({
    "name": "Down the Danube to Vienna",
    "description": "From the source to Vienna.",
}))]
pub(crate) struct JourneyUpdateInput {
    /// New name of the journey, with at least one visible character.
    #[schema(value_type = String, min_length = 1, max_length = 200, pattern = "\\S")]
    name: Name,
    /// New description of the journey.
    #[schema(value_type = String, required = false, max_length = 10000)]
    description: Option<Prose>,
    /// Who can see the journey from now on.
    #[schema(value_type = crate::schemas::Visibility, required = false)]
    visibility: Option<Visibility>,
    /// Whether the journey is over. A completed journey is no longer active.
    #[schema(value_type = bool, required = false)]
    completed: Option<bool>,
}

impl Input for JourneyUpdateInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", parsers::name);
        let description = fields.optional("description", parsers::prose);
        let visibility = fields.optional("visibility", parsers::one_of(&Visibility::ALL));
        let completed = fields.optional("completed", parsers::boolean);
        Some(Self {
            name: name?,
            description: description?,
            visibility: visibility?,
            completed: completed?,
        })
    }
}

documented_errors!(
    NotYourJourney,
    JourneyNotFound,
    JourneyFull,
    AccountFull,
    RateLimited
);

/// Change a journey
///
/// Sets the name and, where they are given, description, visibility and completion. `active` is ignored here:
/// `PATCH /journeys/{journey_id}` sets it.
#[utoipa::path(
    put,
    path = "/api/v1/journeys/{journey_id}",
    operation_id = "update_journey_api_v1_journeys__journey_id__put",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IfMatchParams),
    request_body = JourneyUpdateInput,
    responses(
        (status = 200, description = "The journey as it is now", body = Journey),
        Errors,
    )
)]
pub(crate) async fn update(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    if_match: IfMatch,
    input: Amendment<JourneyUpdateInput>,
) -> ApiResult<Tagged<Journey>> {
    let JourneyUpdateInput {
        name,
        description,
        visibility,
        completed,
    } = input.judged(stored_texts(&kairos, &rider, journey_id)).await?;
    let change = JourneyChange {
        name: Some(name),
        description,
        visibility,
        active: None,
        completed,
    };
    let precondition = if_match.precondition::<Journey, _>();
    let journey = kairos
        .change_journey(&rider, journey_id, &precondition, &change)
        .await?;
    Ok(Tagged::new(journey.into()))
}
