use crate::extract::Json;

/// Is the server there?
#[utoipa::path(
    get,
    path = "/api/v1/",
    operation_id = "ping_api_v1__get",
    responses((status = 200, description = "`pong`", body = String, content_type = "application/json"))
)]
pub(crate) async fn ping() -> Json<&'static str> {
    Json("pong")
}
