//! Writes GeoJSON: a `FeatureCollection` whose first member is about the journey.

use std::io::{self, Write};

use kairos_domain::geo::Position;
use kairos_domain::line::{Line, LinePosition};
use kairos_domain::marker::MarkerDetails;
use serde_json::{Map, Value, json};

use super::OWN_MEMBER;
use super::reader::own::{Member, ScheduleMember};
use crate::export::{Day, Export};
use crate::gpx::{DAY, PAST, PLAN, writer::utc};

pub(crate) fn write<M, D>(export: Export<'_, M, D>, out: &mut dyn Write) -> io::Result<()>
where
    M: IntoIterator<Item = MarkerDetails>,
    D: IntoIterator<Item = Day>,
{
    let member = Member {
        name: export.name.to_owned(),
        description: export.description.to_owned(),
        schedule: export.schedule.map(ScheduleMember::from),
    };
    write!(
        out,
        r#"{{"type":"FeatureCollection","{OWN_MEMBER}":{},"features":["#,
        json!(member)
    )?;
    let mut separator = "\n";
    for marker in export.markers {
        write!(out, "{separator}{}", waypoint(&marker))?;
        separator = ",\n";
    }
    for day in export.days {
        let properties = json!({ "name": day.date.to_string(), "type": DAY });
        write!(out, "{separator}{}", point(day.position, &properties))?;
        separator = ",\n";
    }
    for (line, kind) in [(export.route, PLAN), (export.track, PAST)] {
        if let Some(line) = line {
            write!(out, "{separator}")?;
            feature(line, kind, out)?;
            separator = ",\n";
        }
    }
    writeln!(out, "\n]}}")
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

fn waypoint(marker: &MarkerDetails) -> Value {
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
    point(marker.position, &Value::Object(properties))
}

fn feature(line: &Line, kind: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(out, r#"{{"type":"Feature","properties":{{"type":"{kind}""#)?;
    if line
        .positions()
        .iter()
        .any(|position| position.time_millis().is_some())
    {
        write!(out, r#","times":"#)?;
        nested(line, out, |position, out| match position.time() {
            Some(time) => write!(out, r#""{}""#, utc(time)),
            None => write!(out, "null"),
        })?;
    }
    write!(out, r#"}},"geometry":{{"type":"MultiLineString","coordinates":"#)?;
    nested(line, out, |position, out| {
        write!(out, "[{},{}", position.longitude(), position.latitude())?;
        if let Some(elevation) = position.elevation() {
            write!(out, ",{elevation}")?;
        }
        write!(out, "]")
    })?;
    write!(out, "}}}}")
}

/// Writes an array for each segment, with an element for each position.
fn nested(
    line: &Line,
    out: &mut dyn Write,
    write_element: impl Fn(LinePosition, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut before_segment = "[[";
    for segment in line.segments() {
        write!(out, "{before_segment}")?;
        before_segment = "],\n[";
        for (index, position) in segment.iter().enumerate() {
            if index > 0 {
                write!(out, ",")?;
            }
            write_element(*position, out)?;
        }
    }
    write!(out, "{}", if line.is_empty() { "[]" } else { "]]" })
}
