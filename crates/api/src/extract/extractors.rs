//! The extractors of queries and bodies.

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::NaiveDate;
use serde::Serialize;

use super::body::{self, Accepts};
use super::fields::{Fields, Input};
use super::raw_value::urlencoded;
use super::validation_error::{Objection, Part};
use crate::error::ApiError;
use crate::error_code::ErrorCode;

/// A JSON body; also a JSON answer.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// A JSON body that may be left out: absent, empty or `null`.
#[derive(Debug)]
pub(crate) struct OptionalJson<T>(pub(crate) Option<T>);

/// A form, urlencoded or multipart.
#[derive(Debug)]
pub(crate) struct Form<T>(pub(crate) T);

#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

/// Fields of the query or of a body, which may be JSON or a form. The body takes precedence.
#[derive(Debug)]
pub(crate) struct QueryOrBody<T>(pub(crate) T);

/// Fields of the query or of a JSON body. The body takes precedence.
#[derive(Debug)]
pub(crate) struct QueryOrJson<T>(pub(crate) T);

impl<T: Input, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        from_body(request, state, Accepts::Json).await.map(Self)
    }
}

impl<T: Input, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let bytes = body::collect(body).await?;
        let input = from_bytes(&mut parts, bytes, state, Accepts::Json, None).await?;
        Ok(Self(input))
    }
}

impl<T: Input, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        from_body(request, state, Accepts::Form).await.map(Self)
    }
}

impl<T: Input, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = urlencoded(parts.uri.query().unwrap_or_default().as_bytes());
        Fields::new(vec![(Part::Query, &query)], Part::Query, None)
            .finish()
            .map(Self)
    }
}

impl<T: Input, S: Send + Sync> FromRequest<S> for QueryOrBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        from_query_or_body(request, Accepts::JsonOrForm).await.map(Self)
    }
}

impl<T: Input, S: Send + Sync> FromRequest<S> for QueryOrJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        from_query_or_body(request, Accepts::Json).await.map(Self)
    }
}

async fn from_body<T: Input, S: Send + Sync>(
    request: Request,
    state: &S,
    accepts: Accepts,
) -> Result<T, ApiError> {
    let (mut parts, body) = request.into_parts();
    let bytes = body::collect(body).await?;
    required(from_bytes(&mut parts, bytes, state, accepts, None).await?)
}

/// Returns the input of a body, or the validation error of a missing body.
pub(super) fn required<T>(input: Option<T>) -> Result<T, ApiError> {
    input.ok_or_else(|| ApiError::validation(vec![Objection::missing().of_whole(Part::Body, None)]))
}

/// Parses a received body; returns `None` if it is absent.
pub(super) async fn from_bytes<T: Input, S: Send + Sync>(
    parts: &mut Parts,
    bytes: Bytes,
    state: &S,
    accepts: Accepts,
    today: Option<NaiveDate>,
) -> Result<Option<T>, ApiError> {
    let path = RawPathParams::from_request_parts(parts, state).await.ok();
    let Some(entries) = body::read(&parts.headers, bytes, accepts).await? else {
        return Ok(None);
    };
    let mut fields = Fields::new(vec![(Part::Body, &entries)], Part::Body, path.as_ref());
    if let Some(today) = today {
        fields = fields.on(today);
    }
    fields.finish().map(Some)
}

async fn from_query_or_body<T: Input>(request: Request, accepts: Accepts) -> Result<T, ApiError> {
    let (parts, body) = request.into_parts();
    let query = urlencoded(parts.uri.query().unwrap_or_default().as_bytes());
    let body = body::read(&parts.headers, body::collect(body).await?, accepts).await?;
    let mut sources = Vec::new();
    sources.extend(body.as_ref().map(|entries| (Part::Body, entries)));
    sources.push((Part::Query, &query));
    let expected_in = if body.is_some() { Part::Body } else { Part::Query };
    Fields::new(sources, expected_in, None).finish()
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        // Numbers in answers are finite and keys are strings, so serialisation does not fail.
        serde_json::to_vec(&self.0).map_or_else(
            |error| ApiError::from(ErrorCode::Internal).because(error).into_response(),
            json_response,
        )
    }
}

/// Returns an answer whose JSON is already serialised.
pub(crate) fn json_response(json: Vec<u8>) -> Response {
    let content_type = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, content_type)], json).into_response()
}
