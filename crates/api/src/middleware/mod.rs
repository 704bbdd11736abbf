//! The middlewares around every route, from the outside in.

mod client;
mod cors;
mod panics;
mod request_body;
mod request_id;
mod request_log;
mod request_metrics;
mod security_headers;
mod small_frames;
mod time_limit;
mod trailing_slash;
mod whole_answer;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use tower::ServiceBuilder;
use tower::util::{MapRequestLayer, MapResponseLayer};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};

use crate::ApiSettings;
use crate::extract::AllowedPages;

pub(crate) use request_body::Receipt;
pub(crate) use request_metrics::note_route;
pub(crate) use trailing_slash::SlashCut;

/// The content type of maps.
const MAP: &str = "application/vnd.pmtiles";

/// Wraps the routes in the middlewares.
///
/// The returned router holds the routes behind its fallback, because a path must be normalised before it is
/// matched.
pub(crate) fn around(routes: Router, settings: ApiSettings) -> Router {
    let pages = Arc::new(AllowedPages::new(&settings));
    let proxies = Arc::new(client::Proxies::new(&settings));
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(settings.randomness, request_id::request_id))
        .layer(from_fn(request_log::request_log))
        .layer(from_fn(request_metrics::request_metrics))
        .layer(MapRequestLayer::new(move |request| proxies.note_client(request)))
        .layer(MapRequestLayer::new(move |mut request: Request| {
            request.extensions_mut().insert(Arc::clone(&pages));
            request
        }))
        .layer(MapResponseLayer::new(security_headers::with_security_headers))
        .layer(cors::cors(settings.cors_origins))
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                // A map is compressed inside, and a client that asks for no range gets its length.
                .compress_when(DefaultPredicate::new().and(NotForContentType::const_new(MAP))),
        )
        .layer(map_response(small_frames::in_small_frames))
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(from_fn_with_state(
            Arc::<request_body::BodiesInFlight>::default(),
            request_body::request_body,
        ))
        .layer(from_fn_with_state(settings.time_limit, time_limit::time_limit))
        .layer(from_fn(whole_answer::whole_answer))
        .layer(MapRequestLayer::new(trailing_slash::canonical))
        // The extractors bound bodies themselves, each by its own bound.
        .layer(DefaultBodyLimit::disable());
    Router::new().fallback_service(layers.service(routes))
}
