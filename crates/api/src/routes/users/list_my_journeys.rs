use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;

use crate::error::ApiResult;
use crate::extract::{CurrentRider, Query};
use crate::paging::{Listed, PageParams, PageQuery};
use crate::schemas::Journey;

/// The rider's own journeys
///
/// Oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/users/me/journeys",
    operation_id = "list_my_journeys",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    params(PageParams),
    responses(
        (status = 200, description = "The journeys", body = Vec<Journey>, headers(("link" = String, description = "With a `limit`, while there is more: the URL of the next page"))),
    )
)]
pub(crate) async fn list_my_journeys(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Query(query): Query<PageQuery<JourneyId>>,
) -> ApiResult<Listed<Journey>> {
    let journeys = kairos
        .list_journeys(&rider, rider.id, query.page_and_one())
        .await?;
    Ok(query.list(journeys, |journey| journey.id))
}
