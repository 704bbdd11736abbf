use std::ops::RangeInclusive;

use kairos_domain::geo::Position;
use serde_json::Value;

use super::{number, one_of};
use crate::extract::raw_value::RawValue;
use crate::extract::validation_error::Objection;

/// Parses a GeoJSON point (RFC 7946, 3.1.2) with two or three numbers.
pub(crate) fn point(raw: RawValue<'_>) -> Result<Position, Vec<Objection>> {
    read(raw, false)?.ok_or_else(|| Objection::missing().into())
}

/// Parses a patch of a point (RFC 7396); `None` keeps the stored position.
///
/// A patch that would remove the position is rejected.
pub(crate) fn point_patch(raw: RawValue<'_>) -> Result<Option<Position>, Vec<Objection>> {
    read(raw, true)
}

/// Parses a longitude and a latitude that a comma separates.
pub(crate) fn separated_degrees(raw: RawValue<'_>) -> Result<Position, Objection> {
    let parsed = raw.as_text().and_then(|text| {
        let (longitude, latitude) = text.split_once(',')?;
        let degrees = |text: &str| text.trim().parse::<f64>().ok();
        Position::new(degrees(longitude)?, degrees(latitude)?, None).ok()
    });
    parsed
        .ok_or_else(|| Objection::value("must be a longitude and a latitude in degrees, such as 8.95,46.01"))
}

fn read(raw: RawValue<'_>, is_patch: bool) -> Result<Option<Position>, Vec<Objection>> {
    let RawValue::Json(Value::Object(point)) = raw else {
        return Err(Objection::no_object().into());
    };
    let mut objections = Vec::new();
    if let Some(kind) = point.get("type").filter(|kind| !kind.is_null())
        && let Err(objection) = one_of(&[("Point", ())])(RawValue::Json(kind))
    {
        objections.push(objection.in_field("type", Some(kind)));
    }
    let inner = point.get("coordinates");
    let read = match inner {
        None if is_patch => Ok(None),
        // In a merge patch, null removes a member.
        Some(Value::Null) if is_patch => Err(Objection::missing().into()),
        None => Err(Objection::missing().into()),
        Some(value) => position(value).map(Some),
    };
    match read {
        Ok(position) if objections.is_empty() => return Ok(position),
        Ok(_) => {}
        Err(found) => {
            let found = found.into_iter();
            objections.extend(found.map(|objection| objection.in_field("coordinates", inner)));
        }
    }
    Err(objections)
}

/// Parses a position of GeoJSON (RFC 7946, 3.1.1) with two or three numbers.
pub(crate) fn position(value: &Value) -> Result<Position, Vec<Objection>> {
    let Value::Array(numbers) = value else {
        return Err(Objection::new("list_type", "Input should be a valid list").into());
    };
    let count = numbers.len();
    if count > 3 {
        let msg = format!("List should have at most 3 items after validation, not {count}");
        return Err(Objection::new("too_long", msg).into());
    }
    let [longitude, latitude, elevation @ ..] = numbers.as_slice() else {
        let msg = format!("List should have at least 2 items after validation, not {count}");
        return Err(Objection::new("too_short", msg).into());
    };
    let mut objections = Vec::new();
    let mut item = |index: usize, value: &Value, bounds: RangeInclusive<f64>| {
        let read = number(bounds)(RawValue::Json(value));
        read.map_err(|objection| objections.push(objection.at_index(index, value)))
            .ok()
    };
    let longitude = item(0, longitude, -180.0..=180.0);
    let latitude = item(1, latitude, -90.0..=90.0);
    let elevation = elevation.first().map(|value| item(2, value, f64::MIN..=f64::MAX));
    match (longitude, latitude, elevation) {
        (Some(longitude), Some(latitude), None | Some(Some(_))) => {
            Position::new(longitude, latitude, elevation.flatten())
                .map_err(|error| Objection::new("value_error", error.to_string()).into())
        }
        _ => Err(objections),
    }
}
