use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::Next;
use axum::response::Response;

/// Below these paths, answers hold tokens or what riders say of themselves.
const NEVER_STORED: [&str; 2] = ["/api/v1/auth", "/api/v1/users"];

/// Keeps browsers from guessing content types, and everybody from keeping what is personal. The pages' own headers are set
/// where the pages are.
pub(super) async fn security_headers(request: Request, next: Next) -> Response {
    let is_personal = NEVER_STORED
        .iter()
        .any(|prefix| request.uri().path().starts_with(prefix));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_personal {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
