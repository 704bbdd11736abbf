//! The pages for people: two that show the document, two that a mailed link opens. They ask nothing of any other host.

mod assets;
mod html;

use axum::Router;
use axum::routing::get;

use html::Page;

/// The pages and what they load.
pub(crate) fn router(project_name: &str) -> Router {
    let page = |page: Page| {
        let page = page.rendered(project_name);
        get(async move || page)
    };
    Router::new()
        .route("/docs", page(html::DOCS))
        .route("/redoc", page(html::REDOC))
        .route("/verify", page(html::VERIFY))
        .route("/reset-password", page(html::RESET_PASSWORD))
        .route("/assets/{file}", get(assets::asset))
}
