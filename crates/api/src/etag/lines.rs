//! The tags of lines: the version, and the tolerance to which the line is simplified.

use axum::http::HeaderValue;
use axum::http::header::ETAG;
use axum::response::Response;
use kairos_domain::line::LineVersion;
use kairos_domain::writes::Precondition;

use super::{IfMatch, IfNoneMatch, Tag, Tags};

/// Returns the tag of a line as it is simplified to a tolerance in metres.
fn line_tag(version: LineVersion, tolerance_metres: f64) -> Tag {
    if tolerance_metres == 0.0 {
        Tag(format!("\"{version}\""))
    } else {
        Tag(format!("\"{version}-{tolerance_metres}\""))
    }
}

/// Adds the tag of a line to an answer.
pub(crate) fn with_line_tag(mut response: Response, version: LineVersion, tolerance_metres: f64) -> Response {
    // Digits, points and quotes are valid in a header.
    if let Ok(tag) = HeaderValue::try_from(line_tag(version, tolerance_metres).0) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

impl IfMatch {
    /// Returns the condition that the stored line has one of the tags, for whatever tolerance.
    pub(crate) fn line_precondition(self) -> Precondition<Option<LineVersion>> {
        match self.0 {
            None => Precondition::none(),
            Some(tags) => Precondition::new(move |stored: &Option<LineVersion>| {
                stored.is_some_and(|version| tags.name_line(version))
            }),
        }
    }
}

impl IfNoneMatch {
    /// Returns a check whether the client has seen a version of a line with this tolerance.
    pub(crate) fn of_line(self, tolerance_metres: f64) -> Option<impl Fn(LineVersion) -> bool + Send + Sync> {
        let tags = self.0?;
        Some(move |version| tags.include(&line_tag(version, tolerance_metres)))
    }
}

impl Tags {
    /// Checks whether a tag is of this version of a line, for whatever tolerance.
    fn name_line(&self, version: LineVersion) -> bool {
        let version = version.to_string();
        let is_of_line = |tag: &str| match tag.strip_prefix(&version) {
            Some("") => true,
            Some(rest) => rest
                .strip_prefix('-')
                .is_some_and(|metres| metres.parse::<f64>().is_ok()),
            None => false,
        };
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|tag| is_of_line(tag)),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::IF_MATCH;

    use super::*;

    fn read(value: &str) -> Tags {
        let headers = [(IF_MATCH, value.parse().unwrap())];
        Tags::read(&headers.into_iter().collect(), &IF_MATCH).unwrap()
    }

    #[test]
    fn every_tolerance_of_a_line_names_its_version() {
        let version = LineVersion::from_bytes([7; 16]);
        for tolerance in [0.0, 10.5, 10_000.0] {
            let Tag(tag) = line_tag(version, tolerance);
            assert!(read(&tag).name_line(version), "{tag}");
            assert!(!read(&tag).name_line(LineVersion::from_bytes([8; 16])));
        }
        for other in ["", "-", "-x", "0", "0-10"] {
            assert!(!read(&format!("\"{version}{other}x\"")).name_line(version));
        }
    }
}
