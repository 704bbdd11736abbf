use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;

use super::unchanging::{Encodings, Unchanging};

/// A file that the pages load, in three encodings that the build makes.
pub(super) struct Asset {
    name: &'static str,
    /// The hash of the plain bytes.
    hash: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

static ASSETS: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The caching of a path with the hash: its bytes never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The caching of a path without the hash: clients revalidate each time, mostly with a 304.
const ASK_AGAIN: &str = "no-cache";

impl Asset {
    /// Returns the path, relative to the root.
    fn path(&self) -> String {
        format!("assets/{}/{}", self.hash, self.name)
    }

    fn unchanging(&self) -> Unchanging {
        let content_type = if self.name.ends_with(".css") {
            "text/css; charset=utf-8"
        } else {
            "text/javascript; charset=utf-8"
        };
        Unchanging {
            content_type,
            hash: self.hash.to_owned(),
            encodings: Encodings::MadeByTheBuild {
                plain: self.plain,
                gzip: self.gzip,
                brotli: self.brotli,
            },
        }
    }
}

/// Replaces each `{name}` in a page with the path of that asset.
///
/// `root` is the root of the service, relative to the page.
pub(super) fn with_paths(page: &str, root: &str) -> String {
    ASSETS.iter().fold(page.to_owned(), |page, asset| {
        page.replace(&format!("{{{}}}", asset.name), &format!("{root}{}", asset.path()))
    })
}

/// Returns the routes of all assets.
pub(super) fn router() -> Router {
    ASSETS.iter().fold(Router::new(), |router, asset| {
        let answer = |caching| {
            let content = Arc::new(asset.unchanging());
            get(move |headers: HeaderMap| ready(content.answer(&headers, caching)))
        };
        router
            .route(&format!("/{}", asset.path()), answer(FOR_EVER))
            .route(&format!("/assets/{}", asset.name), answer(ASK_AGAIN))
    })
}
