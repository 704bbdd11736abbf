use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;

use crate::error::ApiError;
use crate::error_code::ErrorCode;
use crate::{ApiSettings, CorsOrigins};

/// Shows that the request comes from no web page, or from an allowed one.
///
/// Browsers send forms from any page to any server without a preflight, and name the page in `Origin`.
/// Handlers take this extractor if a request needs no token but has a cost: a guess, an account or a mail.
#[derive(Debug)]
pub(crate) struct AllowedPage;

/// Shows that the request comes from no web page, from the service's own, or from one that `CORS_ORIGINS`
/// names.
///
/// Handlers take this extractor if a request carries the cookie of a session. A list of `*` names no page:
/// otherwise any page that a rider opens on the same site could use the session.
#[derive(Debug)]
pub(crate) struct OwnPage;

/// The web pages that may send requests without a token.
#[derive(Debug)]
pub(crate) struct AllowedPages {
    /// Whether `CORS_ORIGINS` allows every page.
    allows_any: bool,
    /// The origins of the service itself, and the origins that `CORS_ORIGINS` names.
    origins: Vec<String>,
}

impl AllowedPages {
    pub(crate) fn new(settings: &ApiSettings) -> Self {
        let (allows_any, named) = match &settings.cors_origins {
            CorsOrigins::Any => (true, &[][..]),
            CorsOrigins::List(origins) => (false, origins.as_slice()),
        };
        let named = named.iter().filter_map(|origin| origin.to_str().ok());
        let own = settings.own_origins.iter().map(String::as_str);
        Self {
            allows_any,
            origins: named.chain(own).map(normalized).collect(),
        }
    }

    /// Returns whether a request comes from a page of these origins. Without `Origin`, it comes from no page.
    fn admit(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        headers.get_all(ORIGIN).iter().all(|origin| {
            let Ok(origin) = origin.to_str().map(normalized) else {
                return false;
            };
            self.origins.contains(&origin) || host.is_some_and(|host| is_of_host(&origin, host))
        })
    }
}

impl<S: Sync> FromRequestParts<S> for AllowedPage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let pages = parts.extensions.get::<Arc<AllowedPages>>();
        if pages.is_some_and(|pages| pages.allows_any || pages.admit(&parts.headers)) {
            Ok(Self)
        } else {
            Err(ErrorCode::ForeignOrigin.into())
        }
    }
}

impl<S: Sync> FromRequestParts<S> for OwnPage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let pages = parts.extensions.get::<Arc<AllowedPages>>();
        if pages.is_some_and(|pages| pages.admit(&parts.headers)) {
            Ok(Self)
        } else {
            Err(ErrorCode::ForeignOrigin.into())
        }
    }
}

/// Returns an origin in lower case, without the port that its scheme implies.
fn normalized(origin: &str) -> String {
    let origin = origin.to_ascii_lowercase();
    match origin.split_once("://") {
        Some((scheme, authority)) => format!("{scheme}://{}", without_default_port(scheme, authority)),
        None => origin,
    }
}

/// Returns whether a normalized origin is a page of the host that received the request.
///
/// `Host` does not name a scheme, so pages over HTTP and HTTPS both match.
fn is_of_host(origin: &str, host: &str) -> bool {
    let Some((scheme @ ("http" | "https"), authority)) = origin.split_once("://") else {
        return false;
    };
    without_default_port(scheme, host).eq_ignore_ascii_case(authority)
}

fn without_default_port<'a>(scheme: &str, authority: &'a str) -> &'a str {
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return authority,
    };
    authority.strip_suffix(port).unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// Returns whether a page with these `Origin` values may call the server at `host`.
    fn is_allowed(host: &str, origins: &[&str]) -> bool {
        let allowed = [
            "https://app.example.org",
            "capacitor://localhost",
            "HTTP://Web.example.org:80",
        ];
        let pages = AllowedPages {
            allows_any: false,
            origins: allowed.map(normalized).into(),
        };
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        for origin in origins {
            headers.append(ORIGIN, HeaderValue::from_bytes(origin.as_bytes()).unwrap());
        }
        pages.admit(&headers)
    }

    #[test]
    fn a_page_is_allowed_by_its_origin_or_by_the_host_that_it_is_on() {
        for (host, origin) in [
            ("kairos.example.org", "https://app.example.org"),
            ("kairos.example.org", "https://app.example.org:443"),
            ("kairos.example.org", "http://web.example.org"),
            ("kairos.example.org", "capacitor://localhost"),
            ("kairos.example.org", "https://kairos.example.org"),
            ("kairos.example.org", "http://kairos.example.org"),
            ("Kairos.example.org:443", "https://kairos.example.org"),
            ("kairos.example.org:80", "http://KAIROS.example.org"),
            ("kairos.example.org", "http://kairos.example.org:80"),
            ("127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("[::1]:8000", "http://[::1]:8000"),
        ] {
            assert!(is_allowed(host, &[origin]), "{origin} on {host}");
        }
        assert!(is_allowed("kairos.example.org", &[]));
    }

    #[test]
    fn every_other_page_is_foreign() {
        for (host, origin) in [
            ("kairos.example.org", "null"),
            ("kairos.example.org", ""),
            ("kairos.example.org", "é"),
            ("kairos.example.org", "kairos.example.org"),
            ("kairos.example.org", "https://evil.example.org"),
            ("kairos.example.org", "http://app.example.org"),
            ("kairos.example.org", "https://app.example.org:8443"),
            ("kairos.example.org", "https://app.example.org.evil.example"),
            ("kairos.example.org", "https://kairos.example.org:8443"),
            ("kairos.example.org:8000", "http://kairos.example.org"),
            ("kairos.example.org:80", "https://kairos.example.org"),
            ("localhost", "ionic://localhost"),
        ] {
            assert!(!is_allowed(host, &[origin]), "{origin} on {host}");
        }
        let both = ["https://app.example.org", "https://evil.example.org"];
        assert!(!is_allowed("kairos.example.org", &both));
    }
}
