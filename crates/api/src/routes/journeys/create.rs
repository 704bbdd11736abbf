use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::UserId;
use kairos_domain::journey::Visibility;
use kairos_domain::journeys::CreateJourney;
use kairos_domain::text::{Name, Prose};
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::etag::Tagged;
use crate::extract::{CurrentRider, Fields, IdempotencyKeyParams, Input, Keyed, parsers};
use crate::openapi::documented_errors;
use crate::schemas::Journey;

/// A new journey.
#[derive(ToSchema)]
#[schema(as = JourneyCreate, example = json!({
    "name": "Down the Danube",
    "description": "From the source to the Black Sea.",
    "active": true,
    "visibility": "public",
}))]
pub(crate) struct JourneyInput {
    /// Name of the journey, with at least one visible character.
    #[schema(value_type = String, min_length = 1, max_length = 200, pattern = "\\S")]
    name: Name,
    /// Description of the journey. Empty if absent.
    #[schema(value_type = String, required = false, max_length = 10000)]
    description: Prose,
    /// Whether the rider is on this journey now. If so, the rider's other journeys become inactive. `false`
    /// if absent.
    #[schema(required = false)]
    active: bool,
    /// Whether the journey is over. `false` if absent.
    #[schema(required = false)]
    completed: bool,
    /// Who can see the journey. If absent, `public` or what the operator has set.
    #[schema(value_type = crate::schemas::Visibility, required = false)]
    visibility: Option<Visibility>,
    /// Not needed: the journey is that of the rider who creates it. Another rider's id is rejected.
    #[schema(value_type = Option<String>, deprecated)]
    user_id: Option<UserId>,
}

impl Input for JourneyInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", parsers::name);
        let description = fields.optional("description", parsers::prose);
        let active = fields.optional("active", parsers::boolean);
        let completed = fields.optional("completed", parsers::boolean);
        let visibility = fields.optional("visibility", parsers::one_of(&Visibility::ALL));
        let user_id = fields.nullable("user_id", parsers::id);
        Some(Self {
            name: name?,
            description: description?.unwrap_or_default(),
            active: active?.unwrap_or_default(),
            completed: completed?.unwrap_or_default(),
            visibility: visibility?,
            user_id: user_id?,
        })
    }
}

documented_errors!(
    NotYourAccount,
    JourneyNotFound,
    JourneyCompleted,
    TooManyJourneys,
    JourneyFull,
    AccountFull,
    RateLimited
);

/// Create a journey
///
/// The journey belongs to the rider who creates it, and has no markers yet.
#[utoipa::path(
    post,
    path = "/api/v1/journeys/",
    operation_id = "create_journey_api_v1_journeys__post",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(IdempotencyKeyParams),
    request_body = JourneyInput,
    responses(
        (status = 201, description = "The new journey", body = Journey),
        Errors,
    )
)]
pub(crate) async fn create(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Keyed { input, key }: Keyed<JourneyInput>,
) -> ApiResult<(StatusCode, Tagged<Journey>)> {
    let JourneyInput {
        name,
        description,
        active,
        completed,
        visibility,
        user_id,
    } = input;
    let create = CreateJourney {
        user_id,
        name,
        description,
        active,
        completed,
        visibility,
    };
    let journey = kairos.create_journey(&rider, create, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Tagged::new(journey.into())))
}
