use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use kairos_domain::Kairos;
use kairos_domain::user::User;

use crate::error::ApiError;
use crate::error_code::ErrorCode;

/// The rider whom the request's bearer token speaks for (RFC 6750).
#[derive(Debug)]
pub(crate) struct CurrentRider(pub(crate) User);

impl<S: Send + Sync> FromRequestParts<S> for CurrentRider
where
    Arc<Kairos>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let token = header.and_then(bearer_token).ok_or(ErrorCode::NotAuthenticated)?;
        // What is no text is no token either, which is for the codec to say.
        let token = std::str::from_utf8(token).unwrap_or_default();
        let rider = Arc::<Kairos>::from_ref(state).authenticate(token).await?;
        tracing::Span::current().record("user.id", tracing::field::display(rider.id));
        Ok(Self(rider))
    }
}

/// The token after the scheme, whose case does not matter.
fn bearer_token(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked("bearer ".len())?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}
