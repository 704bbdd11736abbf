use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::extract::Json;

/// The service is well.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
    /// The kind of store in use: `sqlite` or `mongodb`.
    store: &'static str,
    /// The version of this program.
    version: &'static str,
}

/// Is the service well?
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
