use std::future::ready;
use std::ops::Range;
use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use bytes::Bytes;

use crate::Refusals;
use crate::ranges::RangedFile;
use crate::unchanging::{Encodings, Unchanging};

/// An embedded file.
struct Asset {
    name: &'static str,
    /// The hash of the plain bytes.
    hash: &'static str,
    plain: &'static [u8],
    /// `None` for a map, which is read in ranges.
    compressed: Option<Compressed>,
}

/// The bytes of a file in the encodings that the build makes.
#[derive(Clone, Copy)]
struct Compressed {
    gzip: &'static [u8],
    brotli: &'static [u8],
}

/// The files that the server's own pages load.
static OF_PAGES: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The files of the web app.
static OF_THE_APP: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/app.rs"));

/// The maps.
static MAPS: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/maps.rs"));

/// The folder of the web app's files, from the root. It has one hash of all files, because they name each
/// other by relative paths.
pub(crate) const APP_FOLDER: &str = concat!("assets/", env!("KAIROS_APP_FOLDER"), "/");

/// The folder of the maps, from the root.
pub(crate) const MAP_FOLDER: &str = concat!("assets/", env!("KAIROS_MAP_FOLDER"), "/");

/// The content type of maps.
pub(crate) const MAP: &str = "application/vnd.pmtiles";

/// The caching of a path with the hash: its bytes never change.
pub(crate) const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The caching of a path without the hash: clients revalidate each time, mostly with a 304.
pub(crate) const ASK_AGAIN: &str = "no-cache";

impl Asset {
    /// Returns the path of a page's file, relative to the root.
    fn path(&self) -> String {
        format!("assets/{}/{}", self.hash, self.name)
    }

    fn content_type(&self) -> &'static str {
        match self.name.rsplit('.').next() {
            Some("css") => "text/css; charset=utf-8",
            Some("json") => "application/json",
            Some("png") => "image/png",
            Some("svg") => "image/svg+xml",
            _ => "text/javascript; charset=utf-8",
        }
    }

    /// Adds the route of a compressed file.
    fn add_to(&self, router: Router, path: &str, caching: &'static str) -> Router {
        let Some(Compressed { gzip, brotli }) = self.compressed else {
            return router;
        };
        let content = Arc::new(Unchanging {
            content_type: self.content_type(),
            hash: self.hash.to_owned(),
            encodings: Encodings::MadeByTheBuild {
                plain: self.plain,
                gzip,
                brotli,
            },
        });
        let answer = get(move |headers: HeaderMap| ready(content.answer(&headers, caching)));
        router.route(path, answer)
    }

    /// Adds the route of a map.
    fn add_map_to(&self, router: Router, refusals: Refusals) -> Router {
        let bytes = Bytes::from_static(self.plain);
        let file = Arc::new(RangedFile {
            tag: format!("\"{}\"", self.hash),
            caching: FOR_EVER,
            length: bytes.len() as u64,
        });
        let answer = move |headers: HeaderMap| {
            // The range is within the bytes, whose length is a `usize`.
            let part = |range: Range<u64>| bytes.slice(range.start as usize..range.end as usize);
            ready(file.answer(&headers, refusals.no_such_range, |range| part(range).into()))
        };
        router.route(&format!("/{MAP_FOLDER}{}", self.name), get(answer))
    }
}

/// Replaces each `{name}` in a page with the path of that asset.
///
/// `root` is the root of the service, relative to the page.
pub(crate) fn with_paths(page: &str, root: &str) -> String {
    OF_PAGES.iter().fold(page.to_owned(), |page, asset| {
        page.replace(&format!("{{{}}}", asset.name), &format!("{root}{}", asset.path()))
    })
}

/// Returns the routes of the files that the server's own pages load.
pub fn router() -> Router {
    OF_PAGES.iter().fold(Router::new(), |router, asset| {
        let router = asset.add_to(router, &format!("/{}", asset.path()), FOR_EVER);
        asset.add_to(router, &format!("/assets/{}", asset.name), ASK_AGAIN)
    })
}

/// Returns links that have a browser ask for all modules of the start at once.
///
/// Without them, it would find each module only in the one that imports it.
pub(crate) fn preloads() -> String {
    let is_of_the_start = |name: &&str| match name.strip_prefix("app/") {
        Some(name) => name.ends_with(".js") && !name.contains('/'),
        None => {
            let libraries = ["vendor/lit", "vendor/reactive-element/"];
            libraries.iter().any(|library| name.starts_with(library)) && !name.contains("directive")
        }
    };
    let names = OF_THE_APP.iter().map(|asset| asset.name).filter(is_of_the_start);
    let links = names.map(|name| format!("<link rel=\"modulepreload\" href=\"{APP_FOLDER}{name}\">"));
    links.collect::<Vec<_>>().join("\n  ")
}

/// Returns the routes of the files of the web app.
pub(crate) fn router_of_the_app(refusals: Refusals) -> Router {
    let router = OF_THE_APP.iter().fold(Router::new(), |router, asset| {
        asset.add_to(router, &format!("/{APP_FOLDER}{}", asset.name), FOR_EVER)
    });
    MAPS.iter()
        .fold(router, |router, map| map.add_map_to(router, refusals))
}
