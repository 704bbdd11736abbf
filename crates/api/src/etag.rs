//! Entity tags, which identify the state of a resource that a client has seen (RFC 9110, 8.8.3).
//!
//! A tag is a hash of the resource's own JSON as its reader sees it. Tags are strong. Comparisons ignore a
//! leading `W/`, because proxies that compress weaken tags.

mod lines;

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use kairos_domain::writes::Precondition;
use ring::digest::{SHA256, digest};
use serde::Serialize;
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::error_code::ErrorCode;
use crate::extract::json_response;

pub(crate) use lines::with_line_tag;

/// A single resource, answered with its tag.
pub(crate) struct Tagged<T> {
    resource: T,
    seen: Option<Tags>,
}

/// The states that the client has seen. If one of them is current, the answer is 304.
#[derive(Debug)]
pub(crate) struct IfNoneMatch(Option<Tags>);

/// The states that the client wants to change. If none of them is current, the answer is 412.
#[derive(Debug)]
pub(crate) struct IfMatch(Option<Tags>);

/// `If-None-Match` for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes what `IfNoneMatch` reads")]
pub(crate) struct IfNoneMatchParams {
    /// Entity tags that the client has seen, or `*`. If the resource has one of them, the answer is 304.
    #[param(rename = "If-None-Match", required = false, nullable = false, min_length = 1)]
    if_none_match: Option<String>,
}

/// `If-Match` for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes what `IfMatch` reads")]
pub(crate) struct IfMatchParams {
    /// Entity tags that the client has seen, or `*`. If the resource has none of them, nothing changes, and
    /// the answer is 412.
    #[param(rename = "If-Match", required = false, nullable = false, min_length = 1)]
    if_match: Option<String>,
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Debug)]
enum Tags {
    Any,
    /// The tags, without quotes and `W/`.
    These(Vec<String>),
}

/// A tag: the hash in hexadecimal digits, between quotes.
struct Tag(String);

impl Tag {
    fn of(json: &[u8]) -> Self {
        let hash = digest(&SHA256, json);
        let mut tag = String::with_capacity(34);
        tag.push('"');
        for byte in hash.as_ref().iter().take(16) {
            for half in [byte >> 4, byte & 0xf] {
                tag.extend(char::from_digit(half.into(), 16));
            }
        }
        tag.push('"');
        Self(tag)
    }
}

impl Tags {
    fn read(headers: &HeaderMap, name: &HeaderName) -> Option<Self> {
        let values: Vec<_> = headers.get_all(name).iter().collect();
        match values.as_slice() {
            [] => return None,
            [value] if value.as_bytes().trim_ascii() == b"*" => return Some(Self::Any),
            _ => {}
        }
        let mut tags = Vec::new();
        for value in values {
            // A malformed list matches no state.
            let Some(found) = value.to_str().ok().and_then(list) else {
                return Some(Self::These(Vec::new()));
            };
            tags.extend(found);
        }
        Some(Self::These(tags))
    }

    fn include(&self, tag: &Tag) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|seen| tag.0.trim_matches('"') == seen),
        }
    }

    /// Checks whether a tag is that of a stored resource, which clients see as a `T`.
    fn name_resource<T: From<D> + Serialize, D: Clone>(&self, stored: &D) -> bool {
        let json = serde_json::to_vec(&T::from(stored.clone()));
        json.is_ok_and(|json| self.include(&Tag::of(&json)))
    }
}

/// Parses a list of entity tags; returns `None` if it is malformed. A tag may hold commas.
fn list(text: &str) -> Option<Vec<String>> {
    let between_tags = [' ', '\t', ','];
    let mut tags = Vec::new();
    let mut rest = text.trim_matches(between_tags);
    while !rest.is_empty() {
        let quoted = rest.strip_prefix("W/").unwrap_or(rest);
        let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
        tags.push(tag.to_owned());
        rest = after.trim_start_matches(between_tags);
        let (separator, _) = after.split_at(after.len() - rest.len());
        if !rest.is_empty() && !separator.contains(',') {
            return None;
        }
    }
    Some(tags)
}

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Tags::read(&parts.headers, &IF_NONE_MATCH)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Tags::read(&parts.headers, &IF_MATCH)))
    }
}

impl IfMatch {
    /// Returns the condition that the stored resource has one of the tags.
    ///
    /// The tag of the stored resource is the one that its owner sees, as a `T`.
    pub(crate) fn precondition<T, D>(self) -> Precondition<D>
    where
        T: From<D> + Serialize + 'static,
        D: Clone + 'static,
    {
        match self.0 {
            None => Precondition::none(),
            Some(tags) => Precondition::new(move |stored| tags.name_resource::<T, D>(stored)),
        }
    }

    /// Returns the condition that the resource is stored, and that it has one of the tags.
    pub(crate) fn precondition_if_any<T, D>(self) -> Precondition<Option<D>>
    where
        T: From<D> + Serialize + 'static,
        D: Clone + 'static,
    {
        match self.0 {
            None => Precondition::none(),
            Some(tags) => Precondition::new(move |stored: &Option<D>| {
                stored
                    .as_ref()
                    .is_some_and(|stored| tags.name_resource::<T, D>(stored))
            }),
        }
    }
}

impl<T> Tagged<T> {
    pub(crate) const fn new(resource: T) -> Self {
        Self { resource, seen: None }
    }

    /// Returns the resource. The answer is 304 if the client has seen its current state.
    pub(crate) fn unless_seen(IfNoneMatch(seen): IfNoneMatch, resource: T) -> Self {
        Self { resource, seen }
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let json = match serde_json::to_vec(&self.resource) {
            Ok(json) => json,
            Err(error) => return ApiError::from(ErrorCode::Internal).because(error).into_response(),
        };
        let tag = Tag::of(&json);
        let is_seen = self.seen.is_some_and(|seen| seen.include(&tag));
        let mut response = if is_seen {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            json_response(json)
        };
        // Digits and quotes are valid in a header.
        if let Ok(tag) = HeaderValue::try_from(tag.0) {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<Tags> {
        let values = values.iter().map(|value| (IF_MATCH, value.parse().unwrap()));
        Tags::read(&values.collect(), &IF_MATCH)
    }

    #[test]
    fn a_list_of_tags_is_read_weak_or_strong_with_commas_inside_and_out() {
        let tag = Tag("\"a,b\"".to_owned());
        for values in [
            vec!["*"],
            vec!["\"a,b\""],
            vec!["W/\"a,b\""],
            vec!["\"x\",W/\"a,b\" , \"\""],
            vec![" , \"a,b\","],
            vec!["\"x\"", "\"a,b\""],
        ] {
            assert!(read(&values).unwrap().include(&tag), "{values:?}");
        }
        assert!(read(&[]).is_none());
    }

    #[test]
    fn a_malformed_list_names_nothing() {
        let tag = Tag("\"a\"".to_owned());
        for values in [
            vec![""],
            vec!["a"],
            vec!["\"a"],
            vec!["w/\"a\""],
            vec!["W/ \"a\""],
            vec!["\"a\" \"b\""],
            vec!["\"a\"x"],
            vec!["*, \"a\""],
            vec!["\"a\"", "b"],
            vec!["\"a\"", "*"],
        ] {
            assert!(!read(&values).unwrap().include(&tag), "{values:?}");
        }
    }
}
