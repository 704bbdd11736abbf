//! Answers that are the same for every client until the program is replaced.

use std::io::Write as _;
use std::sync::OnceLock;

use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// An answer that is the same for every client until the program is replaced.
///
/// Each encoding is made at most once.
pub struct Unchanging {
    /// The media type.
    pub content_type: &'static str,
    /// The hash of the plain bytes.
    pub hash: String,
    /// The bytes.
    pub encodings: Encodings,
}

/// The same bytes in the available encodings.
pub enum Encodings {
    /// Compressed by the build.
    MadeByTheBuild {
        /// The bytes as they are.
        plain: &'static [u8],
        /// The same in gzip.
        gzip: &'static [u8],
        /// The same in brotli.
        brotli: &'static [u8],
    },
    /// Compressed when a client first accepts gzip.
    MadeOnce {
        /// The bytes as they are.
        plain: Bytes,
        /// The same in gzip, once a client has asked for it.
        gzip: OnceLock<Bytes>,
    },
}

impl Unchanging {
    /// Answers in the best encoding that the client accepts, or with 304 if the client has it.
    #[must_use]
    pub fn answer(&self, headers: &HeaderMap, caching: &'static str) -> Response {
        let (encoding, bytes) = self.encodings.best_for(headers);
        let tag = match encoding {
            Some(encoding) => format!("\"{}-{encoding}\"", self.hash),
            None => format!("\"{}\"", self.hash),
        };
        let is_there = has_tag(headers, &tag);
        let mut response = if is_there {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(CONTENT_TYPE, self.content_type)], bytes).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        // The tag is plain ASCII, so it is a valid header value.
        headers.extend(HeaderValue::try_from(tag).map(|tag| (ETAG, tag)));
        if let Some(encoding) = encoding.filter(|_| !is_there) {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

impl Encodings {
    fn best_for(&self, headers: &HeaderMap) -> (Option<&'static str>, Bytes) {
        match self {
            Self::MadeByTheBuild { brotli, .. } if accepts(headers, "br") => {
                (Some("br"), Bytes::from_static(brotli))
            }
            Self::MadeByTheBuild { gzip, .. } if accepts(headers, "gzip") => {
                (Some("gzip"), Bytes::from_static(gzip))
            }
            Self::MadeByTheBuild { plain, .. } => (None, Bytes::from_static(plain)),
            Self::MadeOnce { plain, gzip } if accepts(headers, "gzip") => {
                (Some("gzip"), gzip.get_or_init(|| gzipped(plain)).clone())
            }
            Self::MadeOnce { plain, .. } => (None, plain.clone()),
        }
    }
}

fn gzipped(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    encoder.write_all(bytes).ok();
    encoder.finish().unwrap_or_default().into()
}

/// Returns the items of a comma-separated list in a header.
fn parts(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(str::trim)
}

/// Returns whether a client accepts an encoding. A quality of 0 means that it does not.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    parts(headers, ACCEPT_ENCODING).any(|part| {
        let (name, parameter) = part.split_once(';').unwrap_or((part, ""));
        let quality = parameter.trim().strip_prefix("q=").map(str::parse::<f32>);
        name.trim().eq_ignore_ascii_case(encoding) && quality != Some(Ok(0.0))
    })
}

/// Returns whether the client has the bytes of a tag.
///
/// A leading `W/` is ignored, because proxies that compress weaken tags.
pub(crate) fn has_tag(headers: &HeaderMap, tag: &str) -> bool {
    parts(headers, IF_NONE_MATCH).any(|part| part == "*" || part.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_taken_unless_its_quality_is_zero() {
        for (written, takes) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("deflate , gzip ; q=1", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("br", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(written))]);
            assert_eq!(accepts(&headers, "gzip"), takes, "{written}");
        }
    }
}
