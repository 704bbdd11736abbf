use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use kairos_domain::id::{JourneyId, MalformedId, MarkerId, UserId};
use std::str::FromStr;

use crate::error::ApiError;
use crate::error_code::ErrorCode;

/// The ids in a path. A malformed one is a 400 that says which kind of id it should have been.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

/// One id or several, by the names that the router gives them.
pub(crate) trait PathIds: Sized {
    fn read(params: &RawPathParams) -> Result<Self, ApiError>;
}

impl<T: PathIds, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        // Refused is what no longer is UTF-8 when it is decoded: no id, and no path that exists.
        let params = params.map_err(|_| ErrorCode::InvalidId)?;
        T::read(&params).map(Self)
    }
}

impl PathIds for UserId {
    fn read(params: &RawPathParams) -> Result<Self, ApiError> {
        id(params, "user_id", "Invalid user ID format")
    }
}

impl PathIds for JourneyId {
    fn read(params: &RawPathParams) -> Result<Self, ApiError> {
        id(params, "journey_id", "Invalid journey ID format")
    }
}

impl PathIds for MarkerId {
    fn read(params: &RawPathParams) -> Result<Self, ApiError> {
        id(params, "marker_id", "Invalid marker ID format")
    }
}

impl<A: PathIds, B: PathIds> PathIds for (A, B) {
    fn read(params: &RawPathParams) -> Result<Self, ApiError> {
        Ok((A::read(params)?, B::read(params)?))
    }
}

fn id<I: FromStr<Err = MalformedId>>(
    params: &RawPathParams,
    name: &str,
    refusal: &'static str,
) -> Result<I, ApiError> {
    let text = params.iter().find(|(key, _)| *key == name).map(|(_, text)| text);
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| ApiError::from(ErrorCode::InvalidId).detail(refusal))
}
