use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::extract::Json;

/// The state of a service that works.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok", "store": "sqlite", "version": "0.1.0"}))]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
    /// Database that is in use: `sqlite` or `mongodb`.
    store: &'static str,
    /// Version of the program.
    version: &'static str,
}

/// Check the health of the service
///
/// Asks the database. After a write has failed for lack of room or because the file was moved, tries a small
/// write.
#[utoipa::path(
    get,
    path = "/api/v1/health",
    operation_id = "health_api_v1_health_get",
    responses((status = 200, description = "The service and its database answer", body = Health))
)]
pub(crate) async fn health(State(kairos): State<Arc<Kairos>>) -> ApiResult<Json<Health>> {
    let store = kairos.health().await?;
    Ok(Json(Health {
        status: "ok",
        store,
        version: env!("CARGO_PKG_VERSION"),
    }))
}
