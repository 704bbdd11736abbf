use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use crate::error::ApiResult;
use crate::extract::{CurrentRider, Query};
use crate::openapi::documented_errors;
use crate::paging::{PageParams, PageQuery};
use crate::schemas::Journey;

documented_errors!(WholeAnswerTooLarge);

/// List the rider's own journeys
///
/// Lists public and private journeys, the oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/users/me/journeys",
    operation_id = "list_my_journeys",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    params(PageParams),
    responses(
        (status = 200, description = "The journeys", body = Vec<Journey>, headers(("link" = String, description = "URL of the next page, with `rel=\"next\"`. Only with a `limit`, and while there is more"))),
        Errors,
    )
)]
pub(crate) async fn list_my_journeys(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Query(query): Query<PageQuery<JourneyId>>,
) -> ApiResult<Response> {
    let journeys = kairos
        .list_journeys(&rider, rider.id, query.after(), query.limit())
        .await?;
    query.answer::<_, Journey>(journeys, |place| place.id).await
}
