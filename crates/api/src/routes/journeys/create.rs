use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::UserId;
use kairos_domain::journey::Visibility;
use kairos_domain::journeys::CreateJourney;
use kairos_domain::text::{Name, Prose};
use utoipa::ToSchema;

use crate::error::{ApiResult, ErrorDetail};
use crate::extract::{CurrentRider, Fields, Input, Json, read};
use crate::schemas::Journey;

/// A journey to be.
#[derive(ToSchema)]
#[schema(as = JourneyCreate)]
pub(crate) struct JourneyInput {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    name: Name,
    #[schema(value_type = String, required = false, max_length = 10000, default = "")]
    description: Prose,
    /// Whether I am on it now; that ends being on any other.
    #[schema(required = false, default = false)]
    active: bool,
    /// Whether it is over.
    #[schema(required = false, default = false)]
    completed: bool,
    #[schema(value_type = crate::schemas::Visibility, required = false, default = "public")]
    visibility: Visibility,
    /// Absent, or oneself.
    #[schema(value_type = Option<String>)]
    user_id: Option<UserId>,
}

impl Input for JourneyInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", read::name);
        let description = fields.optional("description", read::prose);
        let active = fields.optional("active", read::boolean);
        let completed = fields.optional("completed", read::boolean);
        let visibility = fields.optional("visibility", read::one_of(&Visibility::ALL));
        let user_id = fields.nullable("user_id", read::id);
        Some(Self {
            name: name?,
            description: description?.unwrap_or_default(),
            active: active?.unwrap_or_default(),
            completed: completed?.unwrap_or_default(),
            visibility: visibility?.unwrap_or_default(),
            user_id: user_id?,
        })
    }
}

/// Create a journey
#[utoipa::path(
    post,
    path = "/api/v1/journeys/",
    operation_id = "create_journey_api_v1_journeys__post",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    request_body = JourneyInput,
    responses(
        (status = 201, description = "The journey", body = Journey),
        (status = 403, description = "`Not your account`", body = ErrorDetail),
        (status = 409, description = "`A completed journey cannot be active`, `A rider can have at most 1000 journeys`", body = ErrorDetail),
    )
)]
pub(crate) async fn create(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Json(input): Json<JourneyInput>,
) -> ApiResult<(StatusCode, Json<Journey>)> {
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
    let journey = kairos.create_journey(&rider, create).await?;
    Ok((StatusCode::CREATED, Json(journey.into())))
}
