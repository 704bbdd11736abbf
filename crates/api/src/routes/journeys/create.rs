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

/// A journey to be.
#[derive(ToSchema)]
#[schema(as = JourneyCreate)]
pub(crate) struct JourneyInput {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    name: Name,
    #[schema(value_type = String, required = false, max_length = 10000, default = "")]
    description: Prose,
    /// Whether the rider is on this journey now; that ends being on any other.
    #[schema(required = false, default = false)]
    active: bool,
    /// Whether the journey is over.
    #[schema(required = false, default = false)]
    completed: bool,
    /// Who can see the journey. The operator chooses the default, usually `public`.
    #[schema(value_type = crate::schemas::Visibility, required = false)]
    visibility: Option<Visibility>,
    /// Absent, or the id of the rider who asks.
    #[schema(value_type = Option<String>)]
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
#[utoipa::path(
    post,
    path = "/api/v1/journeys/",
    operation_id = "create_journey_api_v1_journeys__post",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(IdempotencyKeyParams),
    request_body = JourneyInput,
    responses(
        (status = 201, description = "The journey", body = Journey),
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
