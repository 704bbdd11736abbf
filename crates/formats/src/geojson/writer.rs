//! Writes GeoJSON: a `FeatureCollection` whose first member is about the journey.

use std::io::{self, Write};

use kairos_domain::geo::Position;
use kairos_domain::line::{Line, LineKind, LinePosition};
use kairos_domain::marker::MarkerDetails;
use kairos_domain::schedule::Schedule;
use serde_json::{Map, Value, json};

use super::OWN_MEMBER;
use super::reader::own::{Member, ScheduleMember};
use crate::Cursor;
use crate::export::{Day, word};
use crate::gpx::{DAY, writer::utc};

/// The text before the first feature.
pub(crate) const BEFORE_FIRST: &str = "\n";

/// The text between two features.
pub(crate) const BETWEEN: &str = ",\n";

/// The pass over a line that writes its coordinates. The pass before it writes the times.
const COORDINATES: u8 = 1;

pub(crate) fn head(
    name: &str,
    description: &str,
    schedule: Option<&Schedule>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let member = Member {
        name: name.to_owned(),
        description: description.to_owned(),
        schedule: schedule.map(ScheduleMember::from),
    };
    write!(
        out,
        r#"{{"type":"FeatureCollection","{OWN_MEMBER}":{},"features":["#,
        json!(member)
    )
}

pub(crate) fn day(day: Day, out: &mut dyn Write) -> io::Result<()> {
    let properties = json!({ "name": day.date.to_string(), "type": DAY });
    write!(out, "{}", point(day.position, &properties))
}

fn point(position: Position, properties: &Value) -> Value {
    let mut coordinates = vec![position.longitude(), position.latitude()];
    coordinates.extend(position.elevation());
    json!({
        "type": "Feature",
        "properties": properties,
        "geometry": { "type": "Point", "coordinates": coordinates },
    })
}

pub(crate) fn waypoint(marker: &MarkerDetails, out: &mut dyn Write) -> io::Result<()> {
    let mut properties = Map::new();
    let mut set = |name: &str, value: String| properties.insert(name.to_owned(), Value::String(value));
    set("name", marker.name.as_str().to_owned());
    set("notes", marker.notes.as_str().to_owned());
    set("marker_type", marker.kind.as_str().to_owned());
    for (name, date) in [
        ("timestamp", marker.timestamp),
        ("estimated_time", marker.estimated_time),
    ] {
        if let Some(date) = date {
            set(name, date.to_string());
        }
    }
    write!(out, "{}", point(marker.position, &Value::Object(properties)))
}

/// Writes the next position of a line, or the next time. Returns whether more is left.
pub(crate) fn feature(
    line: &Line,
    kind: Option<LineKind>,
    cursor: &mut Cursor,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let Some(placed) = cursor.place(line) else {
        return Ok(false);
    };
    let is_begun = cursor.pass > 0 || !placed.begins_line;
    if !is_begun {
        write!(out, r#"{{"type":"Feature","properties":{{"#)?;
        if let Some(kind) = kind {
            write!(out, r#""type":"{}""#, word(kind))?;
        }
        let is_timed = |position: &LinePosition| position.time_millis().is_some();
        if line.positions().iter().any(is_timed) {
            write!(out, r#"{}"times":["#, if kind.is_some() { "," } else { "" })?;
        } else {
            cursor.repeat_line();
        }
    }
    if cursor.pass == COORDINATES && placed.begins_line {
        write!(out, r#"}},"geometry":{{"type":"MultiLineString","coordinates":["#)?;
    }
    out.write_all(match (placed.begins_line, placed.begins_segment) {
        (true, _) => b"[",
        (false, true) => b",\n[",
        (false, false) => b",",
    })?;
    let position = placed.position;
    if cursor.pass == COORDINATES {
        write!(out, "[{},{}", position.longitude(), position.latitude())?;
        if let Some(elevation) = position.elevation() {
            write!(out, ",{elevation}")?;
        }
        write!(out, "]")?;
    } else {
        match position.time() {
            Some(time) => write!(out, r#""{}""#, utc(time))?,
            None => write!(out, "null")?,
        }
    }
    if placed.ends_segment {
        write!(out, "]")?;
    }
    if placed.ends_line {
        write!(out, "]")?;
        if cursor.pass == COORDINATES {
            write!(out, "}}}}")?;
        } else {
            cursor.repeat_line();
            return Ok(true);
        }
    }
    cursor.advance(&placed);
    Ok(true)
}
