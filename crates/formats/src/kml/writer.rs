//! Writes KML 2.2, for looking at.

use std::io::{self, Write};

use kairos_domain::line::{Line, LineKind, LinePosition};
use kairos_domain::marker::{MarkerDetails, MarkerKind};

use crate::Cursor;
use crate::export::{Day, Escaped, word};
use crate::gpx::{PAST, PLAN, writer::utc};

/// The styles, with colours as KML has them: opacity, blue, green, red.
const STYLES: [(&str, &str); 2] = [(PLAN, "ffd77a1f"), (PAST, "ff2f4fd8")];

/// The pass over a segment with times that writes its coordinates. The pass before it writes the times.
const COORDINATES: u8 = 1;

/// The only pass over a segment that lacks a time.
const UNTIMED: u8 = 2;

pub(crate) fn head(name: &str, description: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>"#
    )?;
    let (name, description) = (Escaped(name), Escaped(description));
    writeln!(out, "<name>{name}</name><description>{description}</description>")?;
    for (style, colour) in STYLES {
        writeln!(
            out,
            r#"<Style id="{style}"><LineStyle><color>{colour}</color><width>3</width></LineStyle></Style>"#
        )?;
    }
    Ok(())
}

pub(crate) fn day(day: Day, out: &mut dyn Write) -> io::Result<()> {
    let (longitude, latitude) = (day.position.longitude(), day.position.latitude());
    let date = day.date;
    writeln!(
        out,
        "<Placemark><name>{date}</name><TimeStamp><when>{date}</when></TimeStamp><Point><coordinates>{longitude},{latitude}</coordinates></Point></Placemark>"
    )
}

pub(crate) fn waypoint(marker: &MarkerDetails, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<Placemark><name>{}</name>", Escaped(marker.name.as_str()))?;
    if !marker.notes.as_str().is_empty() {
        write!(
            out,
            "<description>{}</description>",
            Escaped(marker.notes.as_str())
        )?;
    }
    if let Some(day) = marker.day() {
        write!(out, "<TimeStamp><when>{day}</when></TimeStamp>")?;
    }
    let style = if marker.kind == MarkerKind::Past {
        PAST
    } else {
        PLAN
    };
    let position = marker.position;
    write!(
        out,
        "<styleUrl>#{style}</styleUrl><Point><coordinates>{},{}",
        position.longitude(),
        position.latitude()
    )?;
    if let Some(elevation) = position.elevation() {
        write!(out, ",{elevation}")?;
    }
    writeln!(out, "</coordinates></Point></Placemark>")
}

/// Writes the next position of a line, or the next time. Returns whether more is left.
pub(crate) fn line(
    line: &Line,
    kind: LineKind,
    cursor: &mut Cursor,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let Some(placed) = cursor.place(line) else {
        return Ok(false);
    };
    if placed.begins_line && cursor.pass == 0 {
        let name = match kind {
            LineKind::Route => "Route",
            LineKind::Track => "Track",
        };
        writeln!(
            out,
            "<Placemark><name>{name}</name><styleUrl>#{}</styleUrl><MultiGeometry>",
            word(kind)
        )?;
    }
    let is_timed = |position: &LinePosition| position.time_millis().is_some();
    if placed.begins_segment && cursor.pass == 0 && !placed.segment.iter().all(is_timed) {
        cursor.pass = UNTIMED;
        writeln!(out, "<LineString><tessellate>1</tessellate><coordinates>")?;
    } else if placed.begins_segment && cursor.pass == 0 {
        writeln!(out, "<gx:Track>")?;
    }
    let position = placed.position;
    let (longitude, latitude) = (position.longitude(), position.latitude());
    match (cursor.pass, position.time()) {
        (UNTIMED, _) => {
            write!(out, "{longitude},{latitude}")?;
            if let Some(elevation) = position.elevation() {
                write!(out, ",{elevation}")?;
            }
            writeln!(out)?;
        }
        (COORDINATES, _) => {
            write!(out, "<gx:coord>{longitude} {latitude}")?;
            if let Some(elevation) = position.elevation() {
                write!(out, " {elevation}")?;
            }
            writeln!(out, "</gx:coord>")?;
        }
        (_, time) => {
            if let Some(time) = time {
                writeln!(out, "<when>{}</when>", utc(time))?;
            }
            if placed.ends_segment {
                cursor.repeat_segment(&placed);
                return Ok(true);
            }
        }
    }
    if placed.ends_segment {
        out.write_all(match cursor.pass {
            UNTIMED => b"</coordinates></LineString>\n",
            _ => b"</gx:Track>\n",
        })?;
        cursor.pass = 0;
    }
    if placed.ends_line {
        writeln!(out, "</MultiGeometry></Placemark>")?;
    }
    cursor.advance(&placed);
    Ok(true)
}
