//! The pages for people: two that show the document, two that a mailed link opens. They ask nothing of any other host.

mod assets;
mod html;
mod unchanging;

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;

use html::Page;

pub(crate) use unchanging::{Encodings, Unchanging};

/// The pages and what they load.
pub(crate) fn router(project_name: &str) -> Router {
    let page = |page: Page| {
        let page = Arc::new(page.rendered(project_name));
        get(move |request: Request| ready(page.answer(request.extensions())))
    };
    Router::new()
        .route("/docs", page(html::DOCS))
        .route("/redoc", page(html::REDOC))
        .route("/verify", page(html::VERIFY))
        .route("/reset-password", page(html::RESET_PASSWORD))
        .merge(assets::router())
}
