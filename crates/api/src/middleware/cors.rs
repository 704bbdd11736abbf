use std::time::Duration;

use axum::http::Method;
use axum::http::header::{CONTENT_DISPOSITION, ETAG, HeaderName, LINK, RETRY_AFTER};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::request_id::X_REQUEST_ID;
use crate::CorsOrigins;

/// The time for which a browser may cache the answer to a preflight.
const MAX_AGE: Duration = Duration::from_mins(10);

/// Allows cross-origin requests with credentials.
///
/// The answer repeats the origin, because browsers reject `*` with credentials.
pub(super) fn cors(origins: CorsOrigins) -> CorsLayer {
    let origins = match origins {
        CorsOrigins::Any => AllowOrigin::mirror_request(),
        CorsOrigins::List(origins) => AllowOrigin::list(origins),
    };
    let exposed: [HeaderName; 5] = [X_REQUEST_ID, RETRY_AFTER, LINK, ETAG, CONTENT_DISPOSITION];
    let methods = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    CorsLayer::new()
        .allow_origin(origins)
        .allow_credentials(true)
        .allow_methods(methods)
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed)
        .max_age(MAX_AGE)
}
