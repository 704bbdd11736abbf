use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;

use crate::error::ApiResult;
use crate::extract::Json;

/// Check that the database answers
///
/// Asks the database that is in use, SQLite or MongoDB. The name is that of the earlier service.
#[utoipa::path(
    get,
    path = "/api/v1/mongodb",
    operation_id = "ping_mongodb_api_v1_mongodb_get",
    responses((status = 200, description = "`Pong`", body = String, content_type = "application/json", example = "Pong"))
)]
pub(crate) async fn ping_store(State(kairos): State<Arc<Kairos>>) -> ApiResult<Json<&'static str>> {
    kairos.health().await?;
    Ok(Json("Pong"))
}
