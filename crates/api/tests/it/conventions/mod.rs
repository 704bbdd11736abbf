//! Rules that hold for every route.

mod bodies;
mod encodings;
mod headers;
mod order_of_checks;
mod paths;

use axum::body::Body;
use axum::http::{Method, Request};

use crate::it::support::{Answer, App};

async fn send(app: &App, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}
