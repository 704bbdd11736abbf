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

/// The rider whom the request's bearer token speaks for (RFC 6750).
#[derive(Debug)]
pub(crate) struct CurrentRider(pub(crate) User);

/// A bearer token whose rider has yet to be read, and other parts of the request.
///
/// It is for use cases that read the rider together with what is asked for. If the other parts are refused, the rider is read
/// here, since a refusal of the token comes before any other.
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

/// Checks the token of a request as far as that needs no store.
fn access_token(parts: &Parts, kairos: &Kairos) -> Result<AccessToken, ApiError> {
    let header = parts.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let token = header.and_then(bearer_token).ok_or(ErrorCode::NotAuthenticated)?;
    // What is no text is no token either, which is for the codec to say.
    let token = std::str::from_utf8(token).unwrap_or_default();
    let token = kairos.check_access_token(token)?;
    tracing::Span::current().record("user.id", tracing::field::display(token.user_id()));
    Ok(token)
}

/// The token after the scheme, whose case does not matter.
fn bearer_token(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked("bearer ".len())?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}
