use crate::extract::Json;

/// Check that the server answers
///
/// Answers without asking the database.
#[utoipa::path(
    get,
    path = "/api/v1/",
    operation_id = "ping_api_v1__get",
    responses((status = 200, description = "`pong`", body = String, content_type = "application/json", example = "pong"))
)]
pub(crate) async fn ping() -> Json<&'static str> {
    Json("pong")
}
