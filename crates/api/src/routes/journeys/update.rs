use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::journey::Visibility;
use kairos_domain::journeys::JourneyUpdate;
use kairos_domain::text::{Name, Prose};
use utoipa::ToSchema;

use crate::error::{ApiResult, ErrorDetail};
use crate::extract::{CurrentRider, Fields, Input, Json, Path, read};
use crate::schemas::Journey;

/// What changes of a journey. What is absent stays as it is.
#[derive(ToSchema)]
#[schema(as = JourneyUpdate)]
pub(crate) struct JourneyUpdateInput {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    name: Name,
    #[schema(value_type = String, required = false, max_length = 10000)]
    description: Option<Prose>,
    #[schema(value_type = crate::schemas::Visibility, required = false)]
    visibility: Option<Visibility>,
    /// Whether it is over; a completed journey is no longer active.
    #[schema(value_type = bool, required = false)]
    completed: Option<bool>,
}

impl Input for JourneyUpdateInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", read::name);
        let description = fields.optional("description", read::prose);
        let visibility = fields.optional("visibility", read::one_of(&Visibility::ALL));
        let completed = fields.optional("completed", read::boolean);
        Some(Self {
            name: name?,
            description: description?,
            visibility: visibility?,
            completed: completed?,
        })
    }
}

/// Change my journey
///
/// `active` is ignored here: it has a route of its own.
#[utoipa::path(
    put,
    path = "/api/v1/journeys/{journey_id}",
    operation_id = "update_journey_api_v1_journeys__journey_id__put",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path)),
    request_body = JourneyUpdateInput,
    responses(
        (status = 200, description = "The journey as it is now", body = Journey),
        (status = 403, description = "`Not your journey`", body = ErrorDetail),
        (status = 404, description = "`Journey not found`", body = ErrorDetail),
    )
)]
pub(crate) async fn update(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    Json(input): Json<JourneyUpdateInput>,
) -> ApiResult<Json<Journey>> {
    let JourneyUpdateInput {
        name,
        description,
        visibility,
        completed,
    } = input;
    let update = JourneyUpdate {
        name,
        description,
        visibility,
        completed,
    };
    let journey = kairos.update_journey(&rider, journey_id, &update).await?;
    Ok(Json(journey.into()))
}
