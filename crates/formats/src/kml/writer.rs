//! Writes KML 2.2, for looking at.

use std::io::{self, Write};

use kairos_domain::line::{Line, LinePosition};
use kairos_domain::marker::{MarkerDetails, MarkerKind};

use crate::export::{Day, Escaped, Export};
use crate::gpx::{PAST, PLAN, writer::utc};

/// The styles, with colours as KML has them: opacity, blue, green, red.
const STYLES: [(&str, &str); 2] = [(PLAN, "ffd77a1f"), (PAST, "ff2f4fd8")];

pub(crate) fn write<M, D>(export: Export<'_, M, D>, out: &mut dyn Write) -> io::Result<()>
where
    M: IntoIterator<Item = MarkerDetails>,
    D: IntoIterator<Item = Day>,
{
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>"#
    )?;
    let (name, description) = (Escaped(export.name), Escaped(export.description));
    writeln!(out, "<name>{name}</name><description>{description}</description>")?;
    for (style, colour) in STYLES {
        writeln!(
            out,
            r#"<Style id="{style}"><LineStyle><color>{colour}</color><width>3</width></LineStyle></Style>"#
        )?;
    }
    for marker in export.markers {
        waypoint(&marker, out)?;
    }
    for day in export.days {
        let (longitude, latitude) = (day.position.longitude(), day.position.latitude());
        let date = day.date;
        writeln!(
            out,
            "<Placemark><name>{date}</name><TimeStamp><when>{date}</when></TimeStamp><Point><coordinates>{longitude},{latitude}</coordinates></Point></Placemark>"
        )?;
    }
    if let Some(route) = export.route {
        line(route, "Route", PLAN, out)?;
    }
    if let Some(track) = export.track {
        line(track, "Track", PAST, out)?;
    }
    writeln!(out, "</Document></kml>")
}

fn waypoint(marker: &MarkerDetails, out: &mut dyn Write) -> io::Result<()> {
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

fn line(line: &Line, name: &str, style: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<Placemark><name>{name}</name><styleUrl>#{style}</styleUrl><MultiGeometry>"
    )?;
    for segment in line.segments() {
        if segment.iter().all(|position| position.time_millis().is_some()) {
            track(segment, out)?;
        } else {
            writeln!(out, "<LineString><tessellate>1</tessellate><coordinates>")?;
            for position in segment {
                write!(out, "{},{}", position.longitude(), position.latitude())?;
                if let Some(elevation) = position.elevation() {
                    write!(out, ",{elevation}")?;
                }
                writeln!(out)?;
            }
            writeln!(out, "</coordinates></LineString>")?;
        }
    }
    writeln!(out, "</MultiGeometry></Placemark>")
}

fn track(segment: &[LinePosition], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<gx:Track>")?;
    for time in segment.iter().filter_map(|position| position.time()) {
        writeln!(out, "<when>{}</when>", utc(time))?;
    }
    for position in segment {
        write!(out, "<gx:coord>{} {}", position.longitude(), position.latitude())?;
        if let Some(elevation) = position.elevation() {
            write!(out, " {elevation}")?;
        }
        writeln!(out, "</gx:coord>")?;
    }
    writeln!(out, "</gx:Track>")
}
