use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kairos_domain::client::Client;

use crate::error::ApiError;
use crate::error_code::ErrorCode;

/// The client that sent the request. A middleware determines it for every request.
#[derive(Debug)]
pub(crate) struct CurrentClient(pub(crate) Client);

impl<S: Send + Sync> FromRequestParts<S> for CurrentClient {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let client = parts.extensions.get().copied();
        Ok(Self(client.ok_or(ErrorCode::Internal)?))
    }
}
