use axum::http::HeaderName;
use axum::http::header::HOST;
use lambda_http::request::LambdaRequest;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What stands in no query, beside all that isn't ASCII (RFC 3986, section 3.4). What is encoded already stays so.
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

/// What Lambda hands over.
pub(super) enum Event {
    /// A request that came to API Gateway.
    Request(Box<LambdaRequest>),
    /// The time has come.
    Scheduled,
}

/// What tells the kinds of events apart.
#[derive(Deserialize)]
struct Kind {
    version: Option<String>,
    #[serde(rename = "detail-type")]
    detail_type: Option<String>,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = Box::<RawValue>::deserialize(deserializer)?;
        let kind: Kind = serde_json::from_str(event.get()).map_err(D::Error::custom)?;
        match (kind.version.as_deref(), kind.detail_type.as_deref()) {
            // Rules and schedules of EventBridge both say so.
            (_, Some("Scheduled Event")) => Ok(Self::Scheduled),
            (Some("2.0"), None) => {
                let mut request = serde_json::from_str(event.get()).map_err(D::Error::custom)?;
                make_harmless(&mut request);
                Ok(Self::Request(Box::new(request)))
            }
            _ => Err(D::Error::custom(
                "the event is neither a request of an API Gateway HTTP API (payload 2.0) nor a scheduled event",
            )),
        }
    }
}

/// Takes out what `lambda_http` would panic about when it makes a URI: characters that stand in none, and a host and a scheme as a client
/// may have written them, which nobody needs here.
fn make_harmless(request: &mut LambdaRequest) {
    if let LambdaRequest::ApiGatewayV2(request) = request {
        request.headers.remove(HOST);
        request.headers.remove(X_FORWARDED_PROTO);
        if let Some(query) = &mut request.raw_query_string {
            *query = utf8_percent_encode(query, NOT_IN_A_QUERY).to_string();
        }
    }
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
        // The version is that of EventBridge.
        let scheduled =
            r#"{"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}"#;
        assert!(matches!(read(scheduled), Ok(Event::Scheduled)));
        for other in [
            "{}",
            "[]",
            r#"{"version": "1.0", "httpMethod": "GET"}"#,
            r#"{"Records": []}"#,
        ] {
            assert!(read(other).is_err(), "{other}");
        }
    }
}
