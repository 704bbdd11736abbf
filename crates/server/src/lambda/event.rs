use axum::http::header::HOST;
use axum::http::uri::InvalidUri;
use axum::http::{HeaderValue, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kairos_api::ErrorCode;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::request::LambdaRequest;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Characters to encode in a query, besides all that are not ASCII (RFC 3986, section 3.4).
///
/// Sequences that are already encoded stay as they are.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Characters to encode in a path.
const NOT_IN_A_PATH: &AsciiSet = &NOT_IN_A_QUERY.add(b'?');

/// An event from Lambda.
pub(super) enum Event {
    /// A request that came through API Gateway.
    Request(Box<HttpRequest>),
    /// A request that can't be read, with the error code of its response.
    Unreadable(ErrorCode),
    /// A scheduled event of EventBridge.
    Scheduled,
}

/// A request that came through API Gateway.
pub(super) struct HttpRequest {
    /// The request, without its path, query and `Host`.
    pub(super) request: LambdaRequest,
    /// The URI as a server would see it. `lambda_http` would resolve dots in the path.
    pub(super) uri: Uri,
    /// The value of the `Host` header.
    pub(super) host: Option<HeaderValue>,
}

/// The fields that distinguish the kinds of events.
#[derive(Deserialize)]
struct Kind {
    version: Option<String>,
    #[serde(rename = "detail-type")]
    detail_type: Option<String>,
    #[serde(rename = "requestContext")]
    request_context: Option<IgnoredAny>,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = Box::<RawValue>::deserialize(deserializer)?;
        let kind: Kind = serde_json::from_str(event.get()).map_err(D::Error::custom)?;
        match (kind.version.as_deref(), kind.detail_type.as_deref()) {
            // EventBridge uses this type for rules and for schedules.
            (_, Some("Scheduled Event")) => Ok(Self::Scheduled),
            (Some("2.0"), None) if kind.request_context.is_some() => {
                // The invalid part comes from the client, such as a header. Returning an error would write
                // that part to the log.
                let request = serde_json::from_str(event.get()).map_err(|_| ErrorCode::BadRequest);
                Ok(request.and_then(read_request).unwrap_or_else(Self::Unreadable))
            }
            _ => Err(D::Error::custom(
                "the event is neither a request of an API Gateway HTTP API (payload 2.0) nor a scheduled event",
            )),
        }
    }
}

/// Reads a request, and removes the fields on which `lambda_http` would panic.
fn read_request(mut request: ApiGatewayV2httpRequest) -> Result<Event, ErrorCode> {
    let is_readable = |body: &String| !request.is_base64_encoded || STANDARD.decode(body).is_ok();
    if !request.body.as_ref().is_none_or(is_readable) {
        return Err(ErrorCode::BadRequest);
    }
    let uri = uri(
        &request.raw_path.take().unwrap_or_default(),
        &request.raw_query_string.take().unwrap_or_default(),
    );
    // `lambda_http` would build a URI of its own from these fields.
    let host = request.headers.remove(HOST);
    request.request_context.domain_name = None;
    request.request_context.stage = None;
    request.raw_path = Some("/".to_owned());
    Ok(Event::Request(Box::new(HttpRequest {
        // The characters are encoded, so that only its length can make the URI invalid.
        uri: uri.map_err(|_| ErrorCode::UriTooLong)?,
        host,
        request: LambdaRequest::ApiGatewayV2(request),
    })))
}

fn uri(path: &str, query: &str) -> Result<Uri, InvalidUri> {
    let path = utf8_percent_encode(path.strip_prefix('/').unwrap_or(path), NOT_IN_A_PATH);
    let query = utf8_percent_encode(query, NOT_IN_A_QUERY).to_string();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/{path}{mark}{query}").parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(event: &str) -> Result<Event, String> {
        serde_json::from_str(event).map_err(|error| error.to_string())
    }

    #[test]
    fn events_are_told_apart() {
        let request = r#"{"version": "2.0", "rawPath": "/", "headers": {}, "requestContext": {"http": {"method": "GET"}}}"#;
        assert!(matches!(read(request), Ok(Event::Request(_))));
        // EventBridge events have this version.
        let scheduled =
            r#"{"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}"#;
        assert!(matches!(read(scheduled), Ok(Event::Scheduled)));
        for other in [
            "{}",
            "[]",
            r#"{"version": "1.0", "httpMethod": "GET"}"#,
            r#"{"version": "2.0"}"#,
            r#"{"Records": []}"#,
        ] {
            assert!(read(other).is_err(), "{other}");
        }
    }

    fn request(path: &str, body: &str) -> Result<Event, String> {
        let context = r#"{"domainName": "a b:99999", "stage": "beta", "http": {"method": "POST"}}"#;
        read(&format!(
            r#"{{"version": "2.0", "rawPath": "{path}", "rawQueryString": "q=é&<", "headers": {{"host": "["}},
                "requestContext": {context}, "isBase64Encoded": true, "body": "{body}"}}"#
        ))
    }

    #[test]
    fn a_path_is_what_a_server_would_see() {
        for (path, seen) in [
            ("/api/v1/users/..", "/api/v1/users/.."),
            ("/api/v1/./users/%2e%2E/me", "/api/v1/./users/%2e%2E/me"),
            ("//api//v1", "//api//v1"),
            ("/a b?c#é", "/a%20b%3Fc%23%C3%A9"),
            ("", "/"),
        ] {
            let Ok(Event::Request(request)) = request(path, "") else {
                panic!("{path}")
            };
            assert_eq!(request.uri.to_string(), format!("{seen}?q=%C3%A9&%3C"));
        }
    }

    #[test]
    fn what_cannot_be_made_out_has_an_answer() {
        let error = |event| match event {
            Ok(Event::Unreadable(code)) => Some(code),
            _ => None,
        };
        assert_eq!(error(request("/", "YQ==")), None);
        for body in ["YQ", "Y Q==", "é", "="] {
            assert_eq!(error(request("/", body)), Some(ErrorCode::BadRequest), "{body}");
        }
        for (headers, method) in [
            (r#"{"authorization": "Bearer a\u0001b"}"#, "GET"),
            (r#"{"a b": "c"}"#, "GET"),
            ("{}", "GE T"),
        ] {
            let event = format!(
                r#"{{"version": "2.0", "headers": {headers}, "requestContext": {{"http": {{"method": "{method}"}}}}}}"#
            );
            assert_eq!(error(read(&event)), Some(ErrorCode::BadRequest), "{event}");
        }
        let long = "/a".repeat(40_000);
        assert_eq!(error(request(&long, "")), Some(ErrorCode::UriTooLong));
    }
}
