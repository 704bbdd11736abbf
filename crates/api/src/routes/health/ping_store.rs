use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;

use crate::error::ApiResult;
use crate::extract::Json;

/// Is the database there?
///
/// The name is historic: it asks whichever store is in use.
#[utoipa::path(
    get,
    path = "/api/v1/mongodb",
    operation_id = "ping_mongodb_api_v1_mongodb_get",
    responses((status = 200, description = "`Pong`", body = String, content_type = "application/json"))
)]
pub(crate) async fn ping_store(State(kairos): State<Arc<Kairos>>) -> ApiResult<Json<&'static str>> {
    kairos.health().await?;
    Ok(Json("Pong"))
}
