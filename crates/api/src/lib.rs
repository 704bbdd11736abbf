//! The HTTP API: routes, inputs, answers, the OpenAPI document, and the pages that show it.
//!
//! This crate handles HTTP only; the use cases of `kairos-domain` decide what a request means. The crate
//! knows no database, no mail server, no environment and no system clock. [`router()`] is pure: the binary
//! serves the router on a socket, and tests call it in process.
//!
//! A good place to start reading is `router.rs`, the flat list of all routes; from there, any file below
//! `routes/`.

mod error;
mod error_code;
mod error_mapping;
mod etag;
mod extract;
mod middleware;
mod openapi;
mod paging;
mod router;
mod routes;
mod schemas;
mod streaming;
mod tokens;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use ipnet::IpNet;
use kairos_domain::clock::Randomness;
use kairos_web::MapSettings;

pub use error::error_body;
pub use error_code::ErrorCode;
pub use openapi::openapi;
pub use router::router;
pub use tokens::JwtCodec;

/// The settings of the API that the operator chooses.
#[derive(Clone)]
pub struct ApiSettings {
    /// The title of the document and of the pages.
    pub project_name: String,
    /// The origins whose scripts may call the API.
    pub cors_origins: CorsOrigins,
    /// The origins of the service's own pages and of the web app that mails link to.
    ///
    /// A page is also the service's own if its origin matches `Host`.
    pub own_origins: Vec<String>,
    /// The base map of the web app; `None` serves neither the web app nor its session routes.
    pub web_app: Option<MapSettings>,
    /// Whether browsers reach the service by HTTPS, so that its cookie must not travel otherwise.
    pub is_https: bool,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether a request with `X-Forwarded-For` means that a trusted proxy is not configured.
    pub lacks_trusted_proxies: bool,
    /// The longest that a request may take, without the time spent waiting for its body.
    pub time_limit: Duration,
    /// The source of randomness for request ids.
    pub randomness: Arc<dyn Randomness>,
}

/// Marks the answers of routes that receive files, in the extensions of the answer.
///
/// The server reads the rest of a larger body of such a route, so that the client gets the answer.
#[derive(Debug, Clone, Copy)]
pub struct MayReceiveFile {
    /// The size of the largest file, in bytes.
    pub largest: u64,
}

/// The AWS Lambda invocation that carries a request.
///
/// The caller of the router puts it into the extensions of the request.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The id of the invocation, which the log shows beside the id of the request.
    pub id: String,
    /// The time left for the answer, if it is less than the [time limit](ApiSettings::time_limit).
    pub time_left: Duration,
}

/// The origins whose scripts may call the API from a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorsOrigins {
    /// Every origin.
    Any,
    /// The listed origins, such as `https://app.example.org`.
    List(Vec<HeaderValue>),
}

impl fmt::Debug for ApiSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiSettings")
            .field("project_name", &self.project_name)
            .field("cors_origins", &self.cors_origins)
            .field("own_origins", &self.own_origins)
            .field("trusted_proxies", &self.trusted_proxies)
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}
