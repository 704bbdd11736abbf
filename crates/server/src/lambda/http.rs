use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::header::{HOST, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use kairos_api::{ErrorCode, Invocation, error_body};
use lambda_http::request::RequestContext;
use lambda_http::tower::{Service as _, ServiceExt as _, service_fn};
use lambda_http::{Adapter, Context, Error, LambdaEvent, Request, RequestExt as _};
use serde::Serialize;
use serde_json::json;

use super::event::HttpRequest;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Passes a request from API Gateway to the router, and returns the response.
pub(super) async fn answer(
    router: Router,
    request: HttpRequest,
    context: Context,
    time_left: Duration,
) -> Result<impl Serialize, Error> {
    let HttpRequest { request, uri, host } = request;
    let invocation = Invocation {
        id: context.request_id.clone(),
        time_left,
    };
    let mut adapter = Adapter::from(service_fn(move |mut request: Request| {
        *request.uri_mut() = uri.clone();
        if let Some(host) = &host {
            request.headers_mut().insert(HOST, host.clone());
        }
        request.extensions_mut().insert(invocation.clone());
        let router = router.clone();
        async move { Ok::<Response, Infallible>(route(router, request).await) }
    }));
    Ok(adapter.call(LambdaEvent::new(request, context)).await?)
}

/// Returns the response to a request that can't be read.
pub(super) fn refusal(code: ErrorCode, context: &Context) -> impl Serialize + use<> {
    let status = code.status().as_u16();
    tracing::info!(invocation = context.request_id, status, "request was unreadable");
    json!({
        "statusCode": status,
        "headers": { "content-type": "application/json", "x-request-id": context.request_id },
        "body": error_body(code, code.detail()),
        "isBase64Encoded": false,
    })
}

async fn route(router: Router, mut request: Request) -> Response {
    // API Gateway reports the address of the client, but no port.
    if let Some(client) = client(&request) {
        let peer = SocketAddr::new(client, 0);
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    // The request id defaults to Lambda's id of the invocation, which the logs of Lambda and API Gateway
    // contain, too. An id from the client takes precedence.
    if let Some(id) = invocation_id(&request) {
        request.headers_mut().entry(X_REQUEST_ID).or_insert(id);
    }
    match router.oneshot(request).await {
        Ok(mut response) => {
            join_values(response.headers_mut());
            response
        }
        Err(never) => match never {},
    }
}

/// Joins the values of repeated headers, such as `Vary`, with commas.
///
/// Payload 2.0 holds each header once, and `lambda_http` would keep only the last value. Cookies have a
/// separate field there.
fn join_values(headers: &mut HeaderMap) {
    let repeated: Vec<HeaderName> = headers
        .keys()
        .filter(|name| *name != SET_COOKIE && headers.get_all(*name).iter().nth(1).is_some())
        .cloned()
        .collect();
    for name in repeated {
        let values: Vec<&[u8]> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        // Valid values joined by commas are a valid value.
        if let Ok(joined) = HeaderValue::from_bytes(&values.join(&b", "[..])) {
            headers.insert(name, joined);
        }
    }
}

fn client(request: &Request) -> Option<IpAddr> {
    let RequestContext::ApiGatewayV2(context) = request.request_context_ref()? else {
        return None;
    };
    context.http.source_ip.as_deref()?.parse().ok()
}

fn invocation_id(request: &Request) -> Option<HeaderValue> {
    let context = request.lambda_context_ref()?;
    HeaderValue::from_str(&context.request_id).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::header::{LINK, VARY};

    use super::*;

    #[test]
    fn values_of_one_header_are_joined_and_cookies_are_not() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (VARY, "origin"),
            (VARY, "accept-encoding"),
            (LINK, "<a>"),
            (SET_COOKIE, "a=1"),
            (SET_COOKIE, "b=2"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        join_values(&mut headers);
        assert_eq!(headers[VARY], "origin, accept-encoding");
        assert_eq!(headers.get_all(VARY).iter().count(), 1);
        assert_eq!(headers[LINK], "<a>");
        assert_eq!(headers.get_all(SET_COOKIE).iter().count(), 2);
    }
}
