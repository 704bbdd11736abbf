use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use kairos_domain::Kairos;
use kairos_domain::id::{JourneyId, UserId};

use crate::error::ApiResult;
use crate::extract::{CurrentRider, Path, Query};
use crate::openapi::documented_errors;
use crate::paging::{PageParams, PageQuery};
use crate::schemas::Journey;

documented_errors!(UserNotFound, WholeAnswerTooLarge);

/// List the journeys of a rider
///
/// Lists the journeys that the reader can see, the oldest first. Private ones are listed for their owner
/// only.
#[utoipa::path(
    get,
    path = "/api/v1/users/{user_id}/journeys",
    operation_id = "get_user_journeys_api_v1_users__user_id__journeys_get",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    params(("user_id" = String, Path), PageParams),
    responses(
        (status = 200, description = "The journeys", body = Vec<Journey>, headers(("link" = String, description = "URL of the next page, with `rel=\"next\"`. Only with a `limit`, and while there is more"))),
        Errors,
    )
)]
pub(crate) async fn list_journeys(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(user_id): Path<UserId>,
    Query(query): Query<PageQuery<JourneyId>>,
) -> ApiResult<Response> {
    let journeys = kairos
        .list_journeys(&rider, user_id, query.after(), query.limit())
        .await?;
    query.answer::<_, Journey>(journeys, |place| place.id).await
}
