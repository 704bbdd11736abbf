use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use kairos_domain::id::{JourneyId, MalformedId, MarkerId, UserId};
use std::str::FromStr;

use crate::error::ApiError;
use crate::error_code::ErrorCode;

/// The ids in a path. A malformed id gets a 400 whose sentence names the kind of id.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

/// One or several ids, read by the names of the path parameters.
pub(crate) trait PathIds: Sized {
    fn read(params: &RawPathParams) -> Result<Self, ApiError>;
}

impl<T: PathIds, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        // axum rejects a parameter that does not decode to UTF-8. Such a parameter is never a well-formed id.
        let params = params.map_err(|_| ErrorCode::InvalidId)?;
        T::read(&params).map(Self)
    }
}

impl PathIds for UserId {
    fn read(params: &RawPathParams) -> Result<Self, ApiError> {
        id(params, "user_id")
    }
}

impl PathIds for JourneyId {
    fn read(params: &RawPathParams) -> Result<Self, ApiError> {
        id(params, "journey_id")
    }
}

impl PathIds for MarkerId {
    fn read(params: &RawPathParams) -> Result<Self, ApiError> {
        id(params, "marker_id")
    }
}

impl<A: PathIds, B: PathIds> PathIds for (A, B) {
    fn read(params: &RawPathParams) -> Result<Self, ApiError> {
        Ok((A::read(params)?, B::read(params)?))
    }
}

fn id<I: FromStr<Err = MalformedId>>(params: &RawPathParams, name: &str) -> Result<I, ApiError> {
    let text = params.iter().find(|(key, _)| *key == name).map(|(_, text)| text);
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| malformed_id(name))
}

/// Returns the error of a malformed id in the path.
pub(crate) fn malformed_id(parameter: &str) -> ApiError {
    ApiError::from(ErrorCode::InvalidId).detail(match parameter {
        "user_id" => "Invalid user ID format",
        "journey_id" => "Invalid journey ID format",
        _ => "Invalid marker ID format",
    })
}
