//! Parsers: each returns a value of the domain, or an objection to the received value.
//!
//! A query or a form brings every value as text. JSON is read strictly, except for three habits of clients of
//! the earlier service: numbers and booleans as strings, 0 and 1 as booleans, and dates as Unix timestamps.

mod date;
mod point;

use std::ops::RangeInclusive;
use std::str::FromStr;

use kairos_domain::email_address::EmailAddress;
use kairos_domain::id::MalformedId;
use kairos_domain::password::{InvalidPassword, NewPassword};
use kairos_domain::text::{InvalidText, Name, ProfileLine, Prose};
use serde_json::Value;

use super::raw_value::RawValue;
use super::validation_error::Objection;

pub(crate) use date::date;
pub(crate) use point::{point, point_patch, position, separated_degrees};

type Parsed<T> = Result<T, Objection>;

pub(crate) fn string(raw: RawValue<'_>) -> Parsed<String> {
    text(raw).map(ToOwned::to_owned)
}

/// Returns a parser of strings whose number of characters is within a range.
pub(crate) fn text_of(chars: RangeInclusive<usize>) -> impl Fn(RawValue<'_>) -> Parsed<String> {
    move |raw| {
        let text = text(raw)?;
        let count = text.chars().count();
        if count < *chars.start() {
            Err(invalid_text(InvalidText::TooShort(*chars.start())))
        } else if count > *chars.end() {
            Err(invalid_text(InvalidText::TooLong(*chars.end())))
        } else {
            Ok(text.to_owned())
        }
    }
}

/// Parses a string that answers never show.
pub(crate) fn secret(raw: RawValue<'_>) -> Parsed<String> {
    string(raw).map_err(Objection::secret)
}

/// Parses a secret of any JSON type.
///
/// A value other than a string is kept as its JSON text, which answers never show either.
pub(crate) fn secret_of_any_type(raw: RawValue<'_>) -> Parsed<String> {
    match raw {
        RawValue::Json(value) if !value.is_string() => Ok(value.to_string()),
        _ => secret(raw),
    }
}

/// Parses a text, or accepts it unchecked if it equals the stored one.
fn judged<T, E>(
    raw: RawValue<'_>,
    parse: fn(&str) -> Result<T, E>,
    stored: fn(String) -> T,
    object: impl FnOnce(E) -> Objection,
) -> Parsed<T> {
    match raw {
        RawValue::Stored(text) => Ok(stored(text.to_owned())),
        _ => parse(text(raw)?).map_err(object),
    }
}

pub(crate) fn name(raw: RawValue<'_>) -> Parsed<Name> {
    judged(raw, Name::parse, Name::stored, invalid_text)
}

pub(crate) fn prose(raw: RawValue<'_>) -> Parsed<Prose> {
    judged(raw, Prose::parse, Prose::stored, invalid_text)
}

pub(crate) fn profile_line(raw: RawValue<'_>) -> Parsed<ProfileLine> {
    judged(raw, ProfileLine::parse, ProfileLine::stored, invalid_text)
}

pub(crate) fn email_address(raw: RawValue<'_>) -> Parsed<EmailAddress> {
    judged(raw, EmailAddress::parse, EmailAddress::stored, |error| {
        Objection::new("value_error", error.to_string())
    })
}

pub(crate) fn new_password(raw: RawValue<'_>) -> Parsed<NewPassword> {
    let parsed = text(raw).and_then(|text| {
        NewPassword::parse(text).map_err(|error| {
            let kind = match error {
                InvalidPassword::TooShort => "string_too_short",
                InvalidPassword::TooLong => "string_too_long",
                InvalidPassword::Nul => "value_error",
            };
            Objection::new(kind, error.to_string())
        })
    });
    parsed.map_err(Objection::secret)
}

pub(crate) fn id<I: FromStr<Err = MalformedId>>(raw: RawValue<'_>) -> Parsed<I> {
    text(raw)?
        .parse()
        .map_err(|_| Objection::value("an id is 24 hexadecimal digits"))
}

pub(crate) fn boolean(raw: RawValue<'_>) -> Parsed<bool> {
    const EXPECTED: &str = "Input should be a valid boolean";
    let unknown = || Objection::new("bool_parsing", format!("{EXPECTED}, unable to interpret input"));
    match raw {
        RawValue::Json(Value::Bool(value)) => Ok(*value),
        RawValue::Json(Value::Number(number)) => match number.as_f64() {
            Some(1.0) => Ok(true),
            Some(0.0) => Ok(false),
            _ => Err(unknown()),
        },
        RawValue::Json(Value::String(text)) => text.to_ascii_lowercase().parse().map_err(|_| unknown()),
        RawValue::Json(_) => Err(Objection::new("bool_type", EXPECTED)),
        RawValue::Garbled => Err(garbled()),
        RawValue::Text(text) | RawValue::Stored(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" | "t" | "y" => Ok(true),
            "false" | "0" | "no" | "off" | "f" | "n" => Ok(false),
            _ => Err(unknown()),
        },
    }
}

/// Returns a parser of a fixed set of words, each with its value.
pub(crate) fn one_of<T: Copy>(words: &[(&'static str, T)]) -> impl Fn(RawValue<'_>) -> Parsed<T> {
    move |raw| {
        let known = words.iter().find(|(word, _)| raw.as_text() == Some(word));
        known.map(|(_, value)| *value).ok_or_else(|| {
            let quoted: Vec<String> = words.iter().map(|(word, _)| format!("'{word}'")).collect();
            Objection::new(
                "literal_error",
                format!("Input should be {}", quoted.join(" or ")),
            )
        })
    }
}

/// Returns a parser that also accepts `null`, which clears a field (RFC 7396).
pub(crate) fn or_null<T>(
    parser: impl Fn(RawValue<'_>) -> Parsed<T>,
) -> impl Fn(RawValue<'_>) -> Parsed<Option<T>> {
    move |raw| {
        if raw.is_null() {
            Ok(None)
        } else {
            parser(raw).map(Some)
        }
    }
}

/// Returns a parser of whole numbers within bounds.
pub(crate) fn integer(bounds: RangeInclusive<u32>) -> impl Fn(RawValue<'_>) -> Parsed<u32> {
    move |raw| {
        const EXPECTED: &str = "Input should be a valid integer";
        let number = match raw {
            RawValue::Json(value) => value
                .as_i64()
                .ok_or_else(|| Objection::new("int_type", EXPECTED))?,
            RawValue::Garbled => return Err(garbled()),
            RawValue::Text(text) | RawValue::Stored(text) => whole_number(text.trim()).ok_or_else(|| {
                Objection::new(
                    "int_parsing",
                    format!("{EXPECTED}, unable to parse string as an integer"),
                )
            })?,
        };
        within(&number, &(i64::from(*bounds.start())..=i64::from(*bounds.end())))?;
        u32::try_from(number).map_err(|_| Objection::new("int_type", EXPECTED))
    }
}

/// Parses a whole number.
///
/// A number beyond 64 bits becomes the smallest or largest `i64`, which is out of all bounds here.
fn whole_number(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(if digits.len() < text.len() {
            i64::MIN
        } else {
            i64::MAX
        })
    })
}

/// Returns a parser of finite numbers within bounds.
pub(crate) fn number(bounds: RangeInclusive<f64>) -> impl Fn(RawValue<'_>) -> Parsed<f64> {
    move |raw| {
        let number = finite(raw)?;
        within(&number, &bounds)?;
        Ok(number)
    }
}

fn finite(raw: RawValue<'_>) -> Parsed<f64> {
    const EXPECTED: &str = "Input should be a valid number";
    let number = match (raw.as_text(), raw) {
        (Some(text), _) => text.trim().parse().map_err(|_| {
            Objection::new(
                "float_parsing",
                format!("{EXPECTED}, unable to parse string as a number"),
            )
        })?,
        (None, RawValue::Json(value)) => value
            .as_f64()
            .ok_or_else(|| Objection::new("float_type", EXPECTED))?,
        (None, _) => return Err(garbled()),
    };
    if number.is_finite() {
        Ok(number)
    } else {
        Err(Objection::new("finite_number", "Input should be a finite number"))
    }
}

fn within<T: PartialOrd + std::fmt::Display>(number: &T, bounds: &RangeInclusive<T>) -> Parsed<()> {
    if number < bounds.start() {
        let msg = format!("Input should be greater than or equal to {}", bounds.start());
        return Err(Objection::new("greater_than_equal", msg));
    }
    if number > bounds.end() {
        let msg = format!("Input should be less than or equal to {}", bounds.end());
        return Err(Objection::new("less_than_equal", msg));
    }
    Ok(())
}

fn text(raw: RawValue<'_>) -> Parsed<&str> {
    raw.as_text().ok_or_else(|| match raw {
        RawValue::Json(_) => Objection::new("string_type", "Input should be a valid string"),
        RawValue::Text(_) | RawValue::Stored(_) | RawValue::Garbled => garbled(),
    })
}

fn garbled() -> Objection {
    let msg = "Input should be a valid string, unable to parse raw data as a unicode string";
    Objection::new("string_unicode", msg)
}

fn invalid_text(error: InvalidText) -> Objection {
    let kind = match error {
        InvalidText::TooShort(_) => "string_too_short",
        InvalidText::TooLong(_) => "string_too_long",
        InvalidText::Blank => "value_error",
    };
    Objection::new(kind, error.to_string())
}
