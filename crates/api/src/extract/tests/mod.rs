mod bodies;
mod queries;
mod values;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse;
use kairos_domain::geo::Position;
use serde_json::Value;

use super::{Fields, Input, parsers};
use crate::error::ApiError;

/// An input with a field of every kind.
#[derive(Debug)]
#[expect(dead_code, reason = "`place` is there to be read wrongly")]
struct Everything {
    name: String,
    password: Option<String>,
    place: Option<Position>,
    count: Option<u32>,
}

impl Input for Everything {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", parsers::string);
        let password = fields.optional("password", parsers::secret);
        let place = fields.optional("place", parsers::point);
        let count = fields.nullable("count", parsers::integer(1..=10));
        Some(Self {
            name: name?,
            password: password?,
            place: place?,
            count: count?,
        })
    }
}

fn request(content_type: Option<&str>, uri: &str, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::post(uri);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    request.body(body.into()).unwrap()
}

async fn answer(error: ApiError) -> (StatusCode, Value) {
    let response = error.into_response();
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}
