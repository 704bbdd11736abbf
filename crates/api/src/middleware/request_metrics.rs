use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

/// What stands for the route of a request that has none. Paths themselves are no labels: anybody could make as many as they like.
const NO_ROUTE: &str = "none";

/// Where the route of a request is noted, for those who are too far out to see it, also if it never answers.
#[derive(Clone, Default)]
struct RouteNoted(Arc<OnceLock<MatchedPath>>);

/// Counts each request with the time it took, and those that are being answered.
pub(super) async fn request_metrics(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let _in_flight = InFlight::begin();
    let method = method(request.method());
    let noted = RouteNoted::default();
    request.extensions_mut().insert(noted.clone());
    let response = next.run(request).await;
    let route = noted.0.get().map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    let status = status_class(response.status());
    metrics::histogram!("kairos_http_request_duration_seconds", "method" => method, "route" => route, "status" => status)
        .record(began.elapsed().as_secs_f64());
    response
}

/// Notes the route that a request has come to.
pub(crate) fn note_route(request: Request) -> Request {
    let extensions = request.extensions();
    if let (Some(noted), Some(route)) = (extensions.get::<RouteNoted>(), extensions.get::<MatchedPath>()) {
        // Each request passes here once.
        noted.0.set(route.clone()).ok();
    }
    request
}

/// A request that is being answered, until it is dropped: its client may go before it is.
struct InFlight;

impl InFlight {
    fn begin() -> Self {
        metrics::gauge!("kairos_http_requests_in_flight").increment(1);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("kairos_http_requests_in_flight").decrement(1);
    }
}

/// The methods that there are; a client may send any other word.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        0..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
