//! Answers that the server gives by itself, without a route.

use axum::body::Body;
use axum::response::Response;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Request, StatusCode, Version};
use kairos_domain::clock::Randomness;
use serde_json::json;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// An answer that the server gives by itself, without a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    detail: &'static str,
    code: &'static str,
}

impl Refusal {
    /// The answer to a connection over the limit.
    pub(super) const OVERLOADED: Self = Self {
        status: StatusCode::SERVICE_UNAVAILABLE,
        detail: "The server is over its bounds, please try again",
        code: "overloaded",
    };

    const HOST: Self = Self {
        status: StatusCode::BAD_REQUEST,
        detail: "The request needs exactly one Host header",
        code: "bad_request",
    };

    /// Returns the answer in place of one that hyper would give, without a body, to something that is no request.
    pub(super) fn in_place_of(status: StatusCode) -> Self {
        let (detail, code) = match status {
            StatusCode::URI_TOO_LONG => ("The address is too long", "uri_too_long"),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => ("The headers are too large", "headers_too_large"),
            _ => ("The request is malformed", "bad_request"),
        };
        Self { status, detail, code }
    }

    /// Checks what every request needs, whatever its route.
    pub(super) fn of_request<B>(request: &Request<B>) -> Option<Self> {
        let hosts = request.headers().get_all(HOST).iter().count();
        let may_lack = request.version() < Version::HTTP_11;
        (hosts > 1 || (hosts == 0 && !may_lack)).then_some(Self::HOST)
    }

    /// Logs the answer, and returns its body and the id of its request.
    fn written(self, randomness: &dyn Randomness) -> (String, String) {
        let id: Vec<String> = randomness
            .bytes::<16>()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let id = id.concat();
        let status = self.status.as_u16();
        tracing::info!(request_id = id, status, refusal = self.detail, "answered");
        let body = json!({ "detail": self.detail, "code": self.code }).to_string();
        (body, id)
    }

    /// Returns the answer as it is sent, to something whose end is not known: the connection is closed after it.
    pub(super) fn bytes(self, randomness: &dyn Randomness) -> Vec<u8> {
        let (body, id) = self.written(randomness);
        let is_overload = self.status == StatusCode::SERVICE_UNAVAILABLE;
        let retry_after = if is_overload { "retry-after: 1\r\n" } else { "" };
        let (status, length) = (self.status, body.len());
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{retry_after}\
             cache-control: no-store\r\nx-request-id: {id}\r\nconnection: close\r\n\r\n"
        );
        (head + &body).into_bytes()
    }

    /// Returns the answer to a request.
    pub(super) fn response(self, randomness: &dyn Randomness) -> Response {
        let (body, id) = self.written(randomness);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // Hexadecimal digits are a value.
        headers.extend(HeaderValue::try_from(id).map(|id| (X_REQUEST_ID, id)));
        response
    }
}
