use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Response};

/// Forbids browsers to guess content types, and forbids caching by default.
///
/// Most answers hold tokens or personal data, so an answer without `Cache-Control` must not be stored. The
/// pages set their other headers themselves.
pub(super) fn with_security_headers<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
