//! Requests and responses in the format of an API Gateway HTTP API, payload version 2.0.
//!
//! See
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// A request that a client sends to API Gateway.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    body: Vec<u8>,
    client: String,
}

impl HttpRequest {
    /// Makes a request from 203.0.113.7 for a path, which may include a query.
    #[must_use]
    pub fn new(method: &str, path_and_query: &str) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: vec![("host".to_owned(), "abcdef.execute-api.example.org".to_owned())],
            cookies: Vec::new(),
            body: Vec::new(),
            client: "203.0.113.7".to_owned(),
        }
    }

    /// Adds a header. A header of the same name keeps its value as well.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_lowercase(), value.to_owned()));
        self
    }

    /// Adds a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: &str) -> Self {
        self.cookies.push(cookie.to_owned());
        self
    }

    /// Sets the client's IP address.
    #[must_use]
    pub fn from(mut self, client: &str) -> Self {
        client.clone_into(&mut self.client);
        self
    }

    /// Sets the body and its content type.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut request = self.header("content-type", content_type);
        request.body = body.into();
        request
    }

    /// Returns the event that API Gateway makes of the request.
    #[must_use]
    pub fn event(&self) -> Value {
        let mut headers = BTreeMap::<&str, Vec<&str>>::new();
        for (name, value) in &self.headers {
            headers.entry(name).or_default().push(value);
        }
        let mut headers: Map<String, Value> = headers
            .into_iter()
            .map(|(name, values)| (name.to_owned(), json!(values.join(","))))
            .collect();
        // API Gateway appends the client's address to any value that the client sent.
        let forwarded = headers.get("x-forwarded-for").and_then(Value::as_str);
        let forwarded = forwarded
            .map(|written| format!("{written}, "))
            .unwrap_or_default();
        headers.insert("x-forwarded-for".to_owned(), json!(forwarded + &self.client));
        headers.insert("x-forwarded-proto".to_owned(), json!("https"));
        let content_type = headers
            .get("content-type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let is_text = content_type.starts_with("text/") || content_type.starts_with("application/json");
        let mut event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": headers,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "abcdef",
                "domainName": "abcdef.execute-api.example.org",
                "domainPrefix": "abcdef",
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": self.client,
                    "userAgent": "a test",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "$default",
                "stage": "$default",
                "time": "25/Nov/2026:21:52:09 +0000",
                "timeEpoch": 1_795_643_529_000_u64,
            },
            "isBase64Encoded": !self.body.is_empty() && !is_text,
        });
        if !self.cookies.is_empty() {
            event["cookies"] = json!(self.cookies);
        }
        if !self.body.is_empty() {
            event["body"] = json!(match std::str::from_utf8(&self.body) {
                Ok(text) if is_text => text.to_owned(),
                _ => STANDARD.encode(&self.body),
            });
        }
        event
    }
}

/// A response as API Gateway passes it to the client.
#[derive(Debug)]
pub struct HttpAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The decoded body.
    pub body: Vec<u8>,
    /// Whether the function encoded the body in base64.
    pub is_base64: bool,
    /// The time from the request to the response.
    pub took: Duration,
    /// The request id of the invocation.
    pub id: String,
}

impl HttpAnswer {
    pub(crate) fn read(answer: &Value, took: Duration, id: String) -> Self {
        let headers = answer["headers"].as_object().expect("an answer has headers");
        let text = |value: &Value| value.as_str().expect("a header is a text").to_owned();
        let written = answer["body"].as_str().unwrap_or_default();
        let is_base64 = answer["isBase64Encoded"].as_bool().unwrap_or(false);
        Self {
            status: u16::try_from(answer["statusCode"].as_u64().expect("an answer has a status")).unwrap(),
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_lowercase(), text(value)))
                .collect(),
            body: if is_base64 {
                STANDARD.decode(written).unwrap()
            } else {
                written.as_bytes().to_vec()
            },
            is_base64,
            took,
            id,
        }
    }

    /// Returns the body as text.
    ///
    /// # Panics
    /// If the body is not UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Returns the body as JSON.
    ///
    /// # Panics
    /// If the body is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
