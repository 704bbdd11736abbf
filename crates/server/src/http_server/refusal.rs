//! Responses that the server sends itself, before any route.

use axum::body::Body;
use axum::response::Response;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Request, StatusCode, Version};
use kairos_api::{ErrorCode, error_body};
use kairos_domain::clock::Randomness;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A response that the server sends itself, before any route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    code: ErrorCode,
    detail: &'static str,
}

impl Refusal {
    /// The response to a connection over the limit.
    pub(super) const OVERLOADED: Self = Self::of(ErrorCode::Overloaded);

    const HOST: Self = Self {
        code: ErrorCode::BadRequest,
        detail: "The request needs exactly one Host header",
    };

    const fn of(code: ErrorCode) -> Self {
        let detail = code.detail();
        Self { code, detail }
    }

    /// Returns the response that replaces hyper's own to a malformed request, which has no body.
    pub(super) fn in_place_of(status: StatusCode) -> Self {
        Self::of(match status {
            StatusCode::URI_TOO_LONG => ErrorCode::UriTooLong,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => ErrorCode::HeadersTooLarge,
            _ => ErrorCode::BadRequest,
        })
    }

    /// Returns a refusal for a request without exactly one `Host` header.
    ///
    /// Before HTTP/1.1, a request may lack it.
    pub(super) fn of_request<B>(request: &Request<B>) -> Option<Self> {
        let hosts = request.headers().get_all(HOST).iter().count();
        let may_lack = request.version() < Version::HTTP_11;
        (hosts > 1 || (hosts == 0 && !may_lack)).then_some(Self::HOST)
    }

    /// Logs the response, and returns its body and the id of its request.
    fn written(self, randomness: &dyn Randomness) -> (String, String) {
        let id: Vec<String> = randomness
            .bytes::<16>()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let id = id.concat();
        let status = self.code.status().as_u16();
        tracing::info!(request_id = id, status, refusal = self.detail, "answered");
        (error_body(self.code, self.detail), id)
    }

    /// Returns the response as bytes, with `connection: close`.
    ///
    /// The end of the request is not known, so no other request can follow on the connection.
    pub(super) fn bytes(self, randomness: &dyn Randomness) -> Vec<u8> {
        let (body, id) = self.written(randomness);
        let is_overload = self.code == ErrorCode::Overloaded;
        let retry_after = if is_overload { "retry-after: 1\r\n" } else { "" };
        let (status, length) = (self.code.status(), body.len());
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{retry_after}\
             cache-control: no-store\r\nx-request-id: {id}\r\nconnection: close\r\n\r\n"
        );
        (head + &body).into_bytes()
    }

    /// Returns the response to a well-formed HTTP request.
    pub(super) fn response(self, randomness: &dyn Randomness) -> Response {
        let (body, id) = self.written(randomness);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.code.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // Hexadecimal digits are always a valid header value.
        headers.extend(HeaderValue::try_from(id).map(|id| (X_REQUEST_ID, id)));
        response
    }
}
