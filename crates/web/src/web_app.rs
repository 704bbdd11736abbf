use std::path::PathBuf;

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use minijinja::HtmlEscape;

use crate::{assets, own_map};

const TEMPLATE: &str = include_str!("../app/index.html");

/// The path of the operator's archive, from the root.
const ARCHIVE: &str = "assets/own-map.pmtiles";

/// The web app: one page that shows a screen for each path.
#[derive(Debug, Clone)]
pub struct WebApp {
    /// The page up to the root of the service.
    before_root: String,
    after_root: String,
    content_security_policy: String,
}

/// The base map that replaces the embedded one.
#[derive(Debug, Clone, Default)]
pub struct MapSettings {
    /// The URL of a style of MapLibre.
    pub style_url: Option<String>,
    /// The URL of raster tiles, with `{z}`, `{x}` and `{y}`, which may be percent-encoded.
    pub tiles_url: Option<String>,
    /// The attribution of the tiles.
    pub attribution: Option<String>,
    /// A PMTiles archive on this machine.
    pub archive: Option<PathBuf>,
}

/// The answers of the web app's files to requests that fail. `kairos-api` knows how errors look.
#[derive(Debug, Clone, Copy)]
pub struct Refusals {
    /// Makes the answer to a request for a range that a file does not have.
    pub no_such_range: fn() -> Response,
    /// Makes the answer to a request for a file that is gone.
    pub not_found: fn() -> Response,
}

impl MapSettings {
    /// Returns the origins that browsers load the base map from, each with a space before it.
    fn origins(&self) -> String {
        let urls = [&self.style_url, &self.tiles_url].into_iter().flatten();
        let origins = urls.map(|url| url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/"));
        origins.map(|origin| format!(" {origin}")).collect()
    }
}

/// Returns the content security policy of the page.
///
/// No inline script or style runs, and no request leaves for another host but those of the operator's map.
/// `base-uri` allows the `<base>` that makes all URLs of the page relative to the root of the service.
fn policy(map: &MapSettings) -> String {
    let origins = map.origins();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{origins}; \
         connect-src 'self'{origins}; worker-src 'self'; font-src 'self'; base-uri 'self'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

impl WebApp {
    /// Fills in what is the same for every request.
    #[must_use]
    pub fn new(project_name: &str, map: &MapSettings) -> Self {
        let escaped = |text: &Option<String>| HtmlEscape(text.as_deref().unwrap_or_default()).to_string();
        let page = TEMPLATE
            .replace("{preloads}", &assets::preloads())
            .replace("{assets}", assets::APP_FOLDER)
            .replace("{maps}", assets::MAP_FOLDER)
            .replace("{map-archive}", map.archive.as_ref().map_or("", |_| ARCHIVE))
            .replace("{version}", env!("CARGO_PKG_VERSION"));
        let (before, after) = page.split_once("{root}").unwrap_or((&page, ""));
        // Texts of the operator come last, so that braces in them are not replaced.
        let project = HtmlEscape(project_name).to_string();
        let with_project = |part: &str| {
            let parts: Vec<String> = part
                .split("{project}")
                .map(|part| {
                    part.replace("{map-style}", &escaped(&map.style_url))
                        .replace("{map-tiles}", &escaped(&map.tiles_url))
                        .replace("{map-attribution}", &escaped(&map.attribution))
                })
                .collect();
            parts.join(&project)
        };
        Self {
            before_root: with_project(before),
            after_root: with_project(after),
            content_security_policy: policy(map),
        }
    }

    /// Returns the page for a path that is so many folders below the root.
    ///
    /// The server does not know the prefix that a proxy strips, but a browser does.
    #[must_use]
    pub fn answer(&self, depth: usize) -> Response {
        let root = match depth {
            0 => "./".to_owned(),
            _ => "../".repeat(depth),
        };
        let page = [self.before_root.as_str(), &root, &self.after_root].concat();
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, self.content_security_policy.as_str()),
            // Servers of tiles want to know whose page asks them.
            (REFERRER_POLICY, "strict-origin-when-cross-origin"),
            (X_FRAME_OPTIONS, "DENY"),
        ];
        (headers, page).into_response()
    }

    /// Returns the routes of the files that the page loads.
    pub fn assets(map: &MapSettings, refusals: Refusals) -> Router {
        let router = assets::router_of_the_app(refusals);
        let Some(archive) = map.archive.clone() else {
            return router;
        };
        let answer = move |headers: HeaderMap| own_map::answer(archive.clone(), headers, refusals);
        router.route(&format!("/{ARCHIVE}"), get(answer))
    }
}
