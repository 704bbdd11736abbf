//! The extractors for what comes in a query or a body.

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::body::{self, Accepts};
use super::fault::{Objection, Part};
use super::fields::{Fields, Input};
use super::given::urlencoded;
use crate::error::ApiError;

/// A JSON body; also a JSON answer.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// A form, urlencoded or multipart.
#[derive(Debug)]
pub(crate) struct Form<T>(pub(crate) T);

/// A query.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

/// Fields of the query or of a body, which may be JSON or a form; the body wins.
#[derive(Debug)]
pub(crate) struct QueryOrBody<T>(pub(crate) T);

/// Fields of the query or of a JSON body; the body wins.
#[derive(Debug)]
pub(crate) struct QueryOrJson<T>(pub(crate) T);

impl<T: Input, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        from_body(request, state, Accepts::Json).await.map(Self)
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
    let path = RawPathParams::from_request_parts(&mut parts, state).await.ok();
    let Some(entries) = body::read(&parts.headers, body, accepts).await? else {
        return Err(ApiError::validation(vec![
            Objection::missing().of_whole(Part::Body, None),
        ]));
    };
    Fields::new(vec![(Part::Body, &entries)], Part::Body, path.as_ref()).finish()
}

async fn from_query_or_body<T: Input>(request: Request, accepts: Accepts) -> Result<T, ApiError> {
    let (parts, body) = request.into_parts();
    let query = urlencoded(parts.uri.query().unwrap_or_default().as_bytes());
    let body = body::read(&parts.headers, body, accepts).await?;
    let mut sources = Vec::new();
    sources.extend(body.as_ref().map(|entries| (Part::Body, entries)));
    sources.push((Part::Query, &query));
    let expected_in = if body.is_some() { Part::Body } else { Part::Query };
    Fields::new(sources, expected_in, None).finish()
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                let content_type = HeaderValue::from_static("application/json");
                ([(CONTENT_TYPE, content_type)], body).into_response()
            }
            // Numbers here are finite and keys are strings, so that this does not happen.
            Err(_) => axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}
