//! The HTTP API: the routes, what they read and answer, their OpenAPI document and the pages that show it.
//!
//! It speaks HTTP and nothing else: what a request means is decided by the use cases of `kairos-domain`. It knows no
//! database, no mail server, no environment and no system clock. [`router()`] is pure: the binary serves what it gives on a socket, and tests
//! call it in process.
//!
//! A good place to start reading is `router.rs`, the flat list of all routes; from there, any file below `routes/`.

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

pub use error::error_body;
pub use error_code::ErrorCode;
pub use openapi::openapi;
pub use router::router;
pub use tokens::JwtCodec;

/// What the operator chooses about the API.
#[derive(Clone)]
pub struct ApiSettings {
    /// The title of the document and of the pages.
    pub project_name: String,
    /// Whose scripts may call the API.
    pub cors_origins: CorsOrigins,
    /// The origins of the service's own pages and of the web app to which mails lead. `Host` tells others of the service.
    pub own_origins: Vec<String>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether a request with `X-Forwarded-For` shows that a trusted proxy is missing.
    pub lacks_trusted_proxies: bool,
    /// The longest that a request may take, its body included.
    pub time_limit: Duration,
    /// Where the ids of requests come from.
    pub randomness: Arc<dyn Randomness>,
}

/// The invocation of a function that a request comes with, where one does: whoever calls the router puts it into the request's extensions.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Its name, which the log has beside the request's own.
    pub id: String,
    /// How long the answer may take, if that is less than the [time limit](ApiSettings::time_limit).
    pub time_left: Duration,
}

/// The origins whose scripts may call the API from a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorsOrigins {
    /// Every origin.
    Any,
    /// These, such as `https://app.example.org`.
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
