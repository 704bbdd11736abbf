use std::sync::Arc;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::error::{ApiError, ApiResult};

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// What the pages load. Browsers may keep it for a while: a new version of the server changes it.
pub(super) async fn asset(Path(file): Path<String>) -> ApiResult<Response> {
    let (content_type, content) = match file.as_str() {
        "docs.js" => (SCRIPT, include_str!("../../../assets/pages/docs.js")),
        "redoc.js" => (SCRIPT, include_str!("../../../assets/pages/redoc.js")),
        "redoc.standalone.js" => (SCRIPT, include_str!("../../../assets/redoc/redoc.standalone.js")),
        "token-page.css" => (STYLE, include_str!("../../../assets/pages/token-page.css")),
        "token-page.js" => (SCRIPT, include_str!("../../../assets/pages/token-page.js")),
        "verify.js" => (SCRIPT, include_str!("../../../assets/pages/verify.js")),
        "reset-password.js" => (SCRIPT, include_str!("../../../assets/pages/reset-password.js")),
        "swagger-ui.css" | "swagger-ui-bundle.js" => return swagger_ui(&file),
        _ => return Err(ApiError::not_found("Not Found")),
    };
    let headers = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, KEPT)];
    Ok((headers, content).into_response())
}

const KEPT: &str = "public, max-age=3600";

/// A file of Swagger UI's own, from the crate that brings it.
fn swagger_ui(file: &str) -> ApiResult<Response> {
    match utoipa_swagger_ui::serve(file, Arc::new(utoipa_swagger_ui::Config::from("/"))) {
        Ok(Some(file)) => {
            let headers = [
                (CONTENT_TYPE, file.content_type),
                (CACHE_CONTROL, KEPT.to_owned()),
            ];
            Ok((headers, file.bytes.into_owned()).into_response())
        }
        _ => Err(ApiError::not_found("Not Found")),
    }
}
