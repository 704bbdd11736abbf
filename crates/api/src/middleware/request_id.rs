use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use kairos_domain::clock::Randomness;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is accepted from a client, in bytes.
const LONGEST: usize = 64;

/// The id of a request, which links its answer and its log line.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) HeaderValue);

/// Assigns the id of a request: the client's own if it is harmless, or a new one.
pub(super) async fn request_id(
    State(randomness): State<Arc<dyn Randomness>>,
    mut request: Request,
    next: Next,
) -> Response {
    let brought = request
        .headers()
        .get(X_REQUEST_ID)
        .filter(|id| is_harmless(id.as_bytes()));
    let id = brought.cloned().unwrap_or_else(|| new_id(&*randomness));
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

fn is_harmless(id: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=LONGEST).contains(&id.len()) && id.iter().all(allowed)
}

fn new_id(randomness: &dyn Randomness) -> HeaderValue {
    let id = format!("{:032x}", u128::from_be_bytes(randomness.bytes()));
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("-"))
}
