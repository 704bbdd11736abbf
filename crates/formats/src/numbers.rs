//! Numbers and times as files write them.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use kairos_domain::geo::{InvalidPosition, Position};

/// Why a position is skipped. The text is only made for the few that are listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPosition {
    #[error("lat or lon is missing")]
    MissingAttribute,
    #[error("a position needs two numbers")]
    TooFewNumbers,
    #[error("the {0} {1:?} is not a number")]
    NotANumber(&'static str, Box<str>),
    #[error(transparent)]
    OutOfRange(#[from] InvalidPosition),
}

/// Reads a position from decimal numbers.
pub(crate) fn position(
    longitude: &str,
    latitude: &str,
    elevation: Option<&str>,
) -> Result<Position, BadPosition> {
    let longitude = number("longitude", longitude)?;
    let latitude = number("latitude", latitude)?;
    let elevation = elevation.and_then(|text| text.trim().parse().ok());
    let elevation = elevation.filter(|metres: &f64| metres.is_finite());
    Ok(Position::new(longitude, latitude, elevation)?)
}

fn number(what: &'static str, text: &str) -> Result<f64, BadPosition> {
    let text = text.trim();
    text.parse()
        .map_err(|_| BadPosition::NotANumber(what, text.chars().take(40).collect()))
}

/// Reads an `xsd:dateTime`, with tolerance: without a zone the time is UTC, without a time of day the day begins.
pub(crate) fn time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    for form in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, form) {
            return Some(time.and_utc());
        }
    }
    date(text.trim_end_matches('Z')).map(|day| day.and_time(NaiveTime::MIN).and_utc())
}

/// Reads a date of the form `YYYY-MM-DD`, of the years 1 to 9999.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()?;
    (1..=9999).contains(&date.year()).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_programs_write_them() {
        for (text, expected) in [
            ("2026-05-04T06:07:08Z", Some("2026-05-04T06:07:08+00:00")),
            (
                " 2026-05-04T06:07:08.5+02:00 ",
                Some("2026-05-04T04:07:08.500+00:00"),
            ),
            ("2026-05-04T06:07:08", Some("2026-05-04T06:07:08+00:00")),
            ("2026-05-04 06:07:08", Some("2026-05-04T06:07:08+00:00")),
            ("2026-05-04", Some("2026-05-04T00:00:00+00:00")),
            ("2026-02-30T00:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(
                time(text).map(|time| time.to_rfc3339()).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_date_is_of_the_years_that_the_api_has() {
        assert!(date("0001-01-01").is_some());
        assert!(date(" 9999-12-31 ").is_some());
        for text in ["0000-12-31", "-0001-01-01", "+10000-01-01", "2026-02-30"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn the_reason_names_the_number() {
        let reason = |longitude, latitude| position(longitude, latitude, None).unwrap_err().to_string();
        assert_eq!(reason("8,5", "47"), r#"the longitude "8,5" is not a number"#);
        assert_eq!(reason("8", "91"), "latitude must be between -90 and 90");
        assert_eq!(reason("NaN", "1"), "longitude must be between -180 and 180");
        assert_eq!(position(" 8 ", "47", Some("high")).unwrap().elevation(), None);
        assert_eq!(
            position("8", "47", Some("-9999")).unwrap().elevation(),
            Some(-9999.0)
        );
    }
}
