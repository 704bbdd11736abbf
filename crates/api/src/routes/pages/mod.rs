//! The pages for people: a start page, two viewers of the OpenAPI document, two for mailed links.
//!
//! No page loads anything from another host.

mod assets;
mod html;
mod unchanging;

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{ACCEPT, VARY};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};

use crate::error::ApiError;
use crate::error_code::ErrorCode;
use html::{Page, RenderedPage};

pub(crate) use unchanging::{Encodings, Unchanging};

/// Returns the routes of the pages and their assets.
pub(crate) fn router(project_name: &str) -> Router {
    let page = |page: Page| {
        let page = Arc::new(page.rendered(project_name));
        get(move |request: Request| ready(page.answer(request.extensions())))
    };
    let start = Arc::new(html::START.rendered(project_name));
    Router::new()
        .route(
            "/",
            any(move |request: Request| ready(answer_at_the_root(&start, &request))),
        )
        .route("/docs", page(html::DOCS))
        .route("/redoc", page(html::REDOC))
        .route("/verify", page(html::VERIFY))
        .route("/reset-password", page(html::RESET_PASSWORD))
        .merge(assets::router())
}

/// Answers a browser with the start page, and other clients with a 404.
fn answer_at_the_root(start: &RenderedPage, request: &Request) -> Response {
    let accepts = request.headers().get_all(ACCEPT).into_iter();
    let is_browser = accepts
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"));
    let mut response = if is_browser && request.method().is_safe() {
        start.answer(request.extensions())
    } else {
        ApiError::from(ErrorCode::NotFound).into_response()
    };
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("accept"));
    response
}
