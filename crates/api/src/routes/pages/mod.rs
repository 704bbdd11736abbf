//! The pages for people: the web app, or a start page without it; two viewers of the OpenAPI document; two
//! pages for mailed links.

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{ACCEPT, VARY};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use kairos_web::{MapSettings, Page, Refusals, WebApp};

use crate::error::ApiError;
use crate::error_code::ErrorCode;
use crate::middleware::SlashCut;

const REFUSALS: Refusals = Refusals {
    no_such_range: || ApiError::from(ErrorCode::RangeNotSatisfiable).into_response(),
    not_found: || ApiError::from(ErrorCode::NotFound).into_response(),
};

/// Returns the routes of the pages and their assets.
pub(crate) fn router(project_name: &str, map: Option<&MapSettings>) -> Router {
    let page = |page: Page| {
        let page = Arc::new(page.rendered(project_name));
        get(move |request: Request| ready(page.answer(has_trailing_slash(&request))))
    };
    let router = Router::new()
        .route("/docs", page(kairos_web::DOCS))
        .route("/redoc", page(kairos_web::REDOC))
        .route("/verify", page(kairos_web::VERIFY))
        .route("/reset-password", page(kairos_web::RESET_PASSWORD))
        .merge(kairos_web::router());
    if let Some(map) = map {
        return router.merge(web_app(project_name, map));
    }
    let start = Arc::new(kairos_web::START.rendered(project_name));
    router.route(
        "/",
        any(move |request: Request| ready(for_browsers(&request, || start.answer(false)))),
    )
}

/// Returns the routes of the web app. Its page shows the screen of whatever path it is opened at.
fn web_app(project_name: &str, map: &MapSettings) -> Router {
    let app = Arc::new(WebApp::new(project_name, map));
    let at_the_root = {
        let app = Arc::clone(&app);
        any(move |request: Request| ready(for_browsers(&request, || app.answer(0))))
    };
    let below = get(move |request: Request| {
        let path = request.uri().path();
        let slashes = path.matches('/').count() + usize::from(has_trailing_slash(&request));
        ready(app.answer(slashes.saturating_sub(1)))
    });
    Router::new()
        .route("/", at_the_root)
        .route("/app", below.clone())
        .route("/app/{*screen}", below)
        .merge(WebApp::assets(map, REFUSALS))
}

fn has_trailing_slash(request: &Request) -> bool {
    request.extensions().get::<SlashCut>().is_some()
}

/// Answers a browser with the page at the root, and other clients with a 404.
fn for_browsers(request: &Request, page: impl FnOnce() -> Response) -> Response {
    let accepts = request.headers().get_all(ACCEPT).into_iter();
    let is_browser = accepts
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"));
    let mut response = if is_browser && request.method().is_safe() {
        page()
    } else {
        ApiError::from(ErrorCode::NotFound).into_response()
    };
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("accept"));
    response
}
