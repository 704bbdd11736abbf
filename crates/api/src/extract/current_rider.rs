use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use kairos_domain::Kairos;
use kairos_domain::accounts::AccessToken;
use kairos_domain::user::User;

use crate::error::ApiError;
use crate::error_code::ErrorCode;

/// The rider whom the bearer token of the request identifies (RFC 6750).
#[derive(Debug)]
pub(crate) struct CurrentRider(pub(crate) User);

/// A bearer token whose rider has not been read yet, with other parts of the request.
///
/// It serves use cases that read the rider together with the requested data. If the other parts are rejected,
/// the extractor reads the rider, because an error of the token precedes all others.
#[derive(Debug)]
pub(crate) struct TokenAnd<T>(pub(crate) AccessToken, pub(crate) T);

impl<S: Send + Sync> FromRequestParts<S> for CurrentRider
where
    Arc<Kairos>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let kairos = Arc::<Kairos>::from_ref(state);
        let token = access_token(parts, &kairos)?;
        Ok(Self(kairos.authenticate(token).await?))
    }
}

impl<S: Send + Sync, T: FromRequestParts<S>> FromRequestParts<S> for TokenAnd<T>
where
    Arc<Kairos>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let kairos = Arc::<Kairos>::from_ref(state);
        let token = access_token(parts, &kairos).map_err(IntoResponse::into_response)?;
        let refusal = match T::from_request_parts(parts, state).await {
            Ok(rest) => return Ok(Self(token, rest)),
            Err(refusal) => refusal.into_response(),
        };
        match kairos.authenticate(token).await {
            Ok(_) => Err(refusal),
            Err(error) => Err(ApiError::from(error).into_response()),
        }
    }
}

/// Checks the access token of a request without reading the store.
fn access_token(parts: &Parts, kairos: &Kairos) -> Result<AccessToken, ApiError> {
    let header = parts.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let token = header.and_then(bearer_token).ok_or(ErrorCode::NotAuthenticated)?;
    // Bytes that are not UTF-8 become an empty text, which the codec rejects.
    let token = std::str::from_utf8(token).unwrap_or_default();
    let token = kairos.check_access_token(token)?;
    tracing::Span::current().record("user.id", tracing::field::display(token.user_id()));
    Ok(token)
}

/// Returns the token after the scheme `Bearer`, whose case does not matter.
fn bearer_token(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked("bearer ".len())?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}
