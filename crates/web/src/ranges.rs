//! Large files that browsers read in ranges (RFC 9110, section 14).

use std::ops::Range;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::assets::MAP;
use crate::unchanging::has_tag;

/// A file that clients may read in ranges. It is never compressed.
pub(crate) struct RangedFile {
    /// The tag of the content, in quotes.
    pub(crate) tag: String,
    pub(crate) caching: &'static str,
    pub(crate) length: u64,
}

/// The part of a file that a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(Range<u64>),
    /// The file has none of the bytes.
    Nothing,
}

impl RangedFile {
    /// Answers with the whole file, with one range of it, or with 304 if the client has it.
    ///
    /// `body` gives a range of the file. `no_such_range` makes the answer to a request for a range that the
    /// file does not have.
    pub(crate) fn answer(
        &self,
        headers: &HeaderMap,
        no_such_range: fn() -> Response,
        body: impl FnOnce(Range<u64>) -> Body,
    ) -> Response {
        let length = self.length;
        let text = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        let is_same_file = text(IF_RANGE).is_none_or(|condition| condition == self.tag);
        let asked = match text(RANGE).filter(|_| is_same_file) {
            Some(range) => asked(range, length),
            None => Asked::Whole,
        };
        let part = |range: Range<u64>| {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static(MAP)),
                (CONTENT_LENGTH, HeaderValue::from(range.end - range.start)),
            ];
            (headers, body(range))
        };
        let mut response = if has_tag(headers, &self.tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            match asked {
                Asked::Whole => part(0..length).into_response(),
                Asked::Part(range) => {
                    let content_range = format!("bytes {}-{}/{length}", range.start, range.end - 1);
                    let status = StatusCode::PARTIAL_CONTENT;
                    (status, [(CONTENT_RANGE, content_range)], part(range)).into_response()
                }
                Asked::Nothing => {
                    return ([(CONTENT_RANGE, format!("bytes */{length}"))], no_such_range()).into_response();
                }
            }
        };
        let headers = response.headers_mut();
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.caching));
        // The tag is plain ASCII, so it is a valid header value.
        headers.extend(HeaderValue::try_from(&self.tag).map(|tag| (ETAG, tag)));
        response
    }
}

/// Reads a `Range`. A malformed one and several ranges at once ask for the whole file, as the RFC allows.
fn asked(range: &str, length: u64) -> Asked {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Asked::Whole;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number that is too large for the type is larger than any file.
    let number = |text: &str| text.parse().unwrap_or(u64::MAX);
    let range = match (first.trim(), last.trim()) {
        (first, "") if digits(first) => number(first)..length,
        ("", last) if digits(last) => length.saturating_sub(number(last))..length,
        (first, last) if digits(first) && digits(last) && number(first) <= number(last) => {
            number(first)..number(last).saturating_add(1).min(length)
        }
        _ => return Asked::Whole,
    };
    if range.start < range.end {
        Asked::Part(range)
    } else {
        Asked::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_the_standard_says() {
        for (range, expected) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=0-99", Asked::Part(0..100)),
            ("bytes=10-1000", Asked::Part(10..100)),
            ("bytes=99-", Asked::Part(99..100)),
            ("bytes=-1", Asked::Part(99..100)),
            ("bytes=-1000", Asked::Part(0..100)),
            ("bytes=5-99999999999999999999999", Asked::Part(5..100)),
            ("bytes=100-", Asked::Nothing),
            ("bytes=100-200", Asked::Nothing),
            ("bytes=99999999999999999999999-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=9-3", Asked::Whole),
            ("bytes=0-1,5-6", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("lines=0-1", Asked::Whole),
        ] {
            assert_eq!(asked(range, 100), expected, "{range}");
        }
    }
}
