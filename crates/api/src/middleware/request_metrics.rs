use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

/// The route label of a request without a route.
///
/// Paths are not used as labels, because a client could create any number of them.
const NO_ROUTE: &str = "none";

/// Holds the route of a request for middlewares outside the router, even without an answer.
#[derive(Clone, Default)]
struct RouteNoted(Arc<OnceLock<MatchedPath>>);

/// Records the duration of each request, and counts the requests in flight.
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

/// Records the route that a request has matched.
pub(crate) fn note_route(request: Request) -> Request {
    let extensions = request.extensions();
    if let (Some(noted), Some(route)) = (extensions.get::<RouteNoted>(), extensions.get::<MatchedPath>()) {
        // Each request passes here once, so the cell is still empty.
        noted.0.set(route.clone()).ok();
    }
    request
}

/// Counts a request as in flight until dropped: the client may disconnect before the answer.
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

/// Returns the label of a method. Unknown methods share one, as a client may send any word.
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
