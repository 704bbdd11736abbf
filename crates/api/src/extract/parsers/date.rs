use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use serde_json::Value;

use super::{Parsed, garbled};
use crate::extract::raw_value::RawValue;
use crate::extract::validation_error::Objection;

/// Timestamps up to this absolute value are seconds, others milliseconds, as in pydantic.
const MOST_SECONDS: f64 = 2e10;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Parses a day.
///
/// Accepts `YYYY-MM-DD`, a date-time at exactly midnight with any offset, or a Unix timestamp of a UTC
/// midnight.
pub(crate) fn date(raw: RawValue<'_>) -> Parsed<NaiveDate> {
    let text = match (raw.as_text(), raw) {
        (Some(text), _) => text,
        (None, RawValue::Json(Value::Number(number))) => {
            return midnight(number.as_f64().unwrap_or(f64::INFINITY));
        }
        (None, RawValue::Json(_)) => return Err(Objection::new("date_type", "Input should be a valid date")),
        (None, _) => return Err(garbled()),
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return midnight(text.parse().unwrap_or(f64::INFINITY));
    }
    let (date, time) = text.split_at_checked("YYYY-MM-DD".len()).ok_or_else(no_date)?;
    let date = calendar_day(date).ok_or_else(no_date)?;
    if !time.is_empty() && time_of_day(text).ok_or_else(no_date)? != NaiveTime::MIN {
        return Err(inexact());
    }
    Ok(date)
}

fn no_date() -> Objection {
    let msg = "Input should be a valid date in the form YYYY-MM-DD, of the years 0001 to 9999";
    Objection::new("date_from_datetime_parsing", msg)
}

fn inexact() -> Objection {
    let msg = "Datetimes provided to dates should have zero time - e.g. be exact dates";
    Objection::new("date_from_datetime_inexact", msg)
}

/// Returns the day that begins at a Unix timestamp.
fn midnight(timestamp: f64) -> Parsed<NaiveDate> {
    let is_in_seconds = timestamp.abs() <= MOST_SECONDS;
    let seconds = if is_in_seconds { timestamp } else { timestamp / 1e3 };
    let instant = DateTime::from_timestamp(seconds.floor() as i64, 0);
    let day = instant.map(|instant| instant.date_naive());
    let day = day.filter(|day| (1..=9999).contains(&day.year()));
    let day = day.ok_or_else(no_date)?;
    if seconds % SECONDS_PER_DAY == 0.0 {
        Ok(day)
    } else {
        Err(inexact())
    }
}

/// Parses `YYYY-MM-DD`. chrono alone would also accept `+2026-1-1`.
fn calendar_day(text: &str) -> Option<NaiveDate> {
    let well_formed = text.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let day = well_formed.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())??;
    // The calendar that other languages share has no year 0000.
    (day.year() > 0).then_some(day)
}

/// Returns the local time of a date-time. A leap second is not midnight.
fn time_of_day(text: &str) -> Option<NaiveTime> {
    let written = text.replacen(['t', ' '], "T", 1);
    let local = DateTime::parse_from_rfc3339(&written)
        .map(|instant| instant.naive_local())
        .or_else(|_| NaiveDateTime::parse_from_str(&written, "%Y-%m-%dT%H:%M:%S%.f"))
        .or_else(|_| NaiveDateTime::parse_from_str(&written, "%Y-%m-%dT%H:%M"))
        .ok()?;
    Some(local.time()).filter(|time| time.nanosecond() < 2_000_000_000)
}
