//! How answers write ids, days and instants: straight into the answer. Lists hold thousands of them.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use kairos_domain::id::ObjectId;
use serde::{Serialize, Serializer};

/// Writes an id.
pub(crate) fn id<S: Serializer>(id: &(impl Copy + Into<ObjectId>), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(ascii(&(*id).into().digits()))
}

/// Writes a day as `YYYY-MM-DD`.
pub(super) fn day<S: Serializer>(day: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    match date_digits(*day) {
        Some(digits) => serializer.serialize_str(ascii(&digits)),
        // An old database may hold years of more than four digits.
        None => serializer.collect_str(day),
    }
}

/// Writes a day, or null.
pub(super) fn optional_day<S: Serializer>(
    date: &Option<NaiveDate>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => day(date, serializer),
        None => serializer.serialize_none(),
    }
}

/// Writes an instant as RFC 3339 in UTC with milliseconds and `Z`.
pub(super) fn instant<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    match instant_digits(*at) {
        Some(digits) => serializer.serialize_str(ascii(&digits)),
        None => serializer.collect_str(&at.format(INSTANT)),
    }
}

/// Appends an id to JSON.
pub(super) fn append_id(id: impl Into<ObjectId>, json: &mut Vec<u8>) {
    append_plain(&id.into().digits(), json);
}

/// Appends a day, or null, to JSON.
pub(super) fn append_optional_day(date: Option<NaiveDate>, json: &mut Vec<u8>) {
    match date.map(|date| date_digits(date).ok_or(date)) {
        None => json.extend_from_slice(b"null"),
        Some(Ok(digits)) => append_plain(&digits, json),
        Some(Err(date)) => append(&date.to_string(), json),
    }
}

/// Appends an instant to JSON.
pub(super) fn append_instant(at: DateTime<Utc>, json: &mut Vec<u8>) {
    match instant_digits(at) {
        Some(digits) => append_plain(&digits, json),
        None => append(&at.format(INSTANT).to_string(), json),
    }
}

/// Appends a text to JSON.
pub(super) fn append_text(text: &str, json: &mut Vec<u8>) {
    // Without a branch for each byte, so that the compiler checks many bytes at once.
    let is_escaped = |byte: u8| (byte < b' ') | (byte == b'"') | (byte == b'\\');
    if text.bytes().fold(false, |found, byte| found | is_escaped(byte)) {
        append(text, json);
    } else {
        append_plain(text.as_bytes(), json);
    }
}

/// Appends any value to JSON.
pub(super) fn append(value: &(impl Serialize + ?Sized), json: &mut Vec<u8>) {
    // Numbers in answers are finite and keys are strings, so serialisation does not fail.
    serde_json::to_writer(json, value).ok();
}

/// Appends a text without characters that JSON escapes.
fn append_plain(text: &[u8], json: &mut Vec<u8>) {
    json.push(b'"');
    json.extend_from_slice(text);
    json.push(b'"');
}

/// The format of an instant outside the years of four digits.
const INSTANT: &str = "%Y-%m-%dT%H:%M:%S%.3fZ";

fn instant_digits(at: DateTime<Utc>) -> Option<[u8; 24]> {
    let time = at.time();
    let [y1, y2, y3, y4, _, mo1, mo2, _, d1, d2] = date_digits(at.date_naive())?;
    let ([h1, h2], [mi1, mi2], [s1, s2]) =
        (digits(time.hour()), digits(time.minute()), digits(time.second()));
    let [ms1, ms2, ms3] = digits(at.timestamp_subsec_millis());
    Some([
        y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', mi1, mi2, b':', s1, s2, b'.', ms1,
        ms2, ms3, b'Z',
    ])
}

fn date_digits(day: NaiveDate) -> Option<[u8; 10]> {
    let year = u32::try_from(day.year()).ok().filter(|year| *year <= 9999)?;
    let ([y1, y2, y3, y4], [m1, m2], [d1, d2]) = (digits(year), digits(day.month()), digits(day.day()));
    Some([y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2])
}

/// The last `N` decimal digits of a number.
fn digits<const N: usize>(mut number: u32) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
}

fn ascii(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Written {
        #[serde(serialize_with = "optional_day")]
        day: Option<NaiveDate>,
        #[serde(serialize_with = "instant")]
        at: DateTime<Utc>,
    }

    #[test]
    fn days_and_instants_are_written_as_chrono_writes_them() {
        for text in [
            "0001-01-01T00:00:00Z",
            "2026-05-15T12:34:56.789999Z",
            "9999-12-31T23:59:59.999Z",
            "+12345-01-02T03:04:05.006Z",
            "-0044-03-15T00:00:00Z",
        ] {
            let at: DateTime<Utc> = text.parse().unwrap();
            let day = Some(at.date_naive());
            let expected = serde_json::json!({
                "day": at.date_naive().to_string(),
                "at": at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            });
            assert_eq!(serde_json::to_value(Written { day, at }).unwrap(), expected);
        }
    }
}
