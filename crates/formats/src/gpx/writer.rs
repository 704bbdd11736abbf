//! Writes GPX 1.1, valid against its schema.

use std::io::{self, Write};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use kairos_domain::line::{Line, LineKind};
use kairos_domain::marker::{MarkerDetails, MarkerKind};
use kairos_domain::schedule::Schedule;

use super::{CREATOR, DAY, NAMESPACE, PAST, PLAN};
use crate::Cursor;
use crate::export::{Day, Escaped, word};

pub(crate) fn head(
    name: &str,
    description: &str,
    schedule: Option<&Schedule>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<gpx version="1.1" creator="{CREATOR}" xmlns="http://www.topografix.com/GPX/1/1" xmlns:kairos="{NAMESPACE}">"#
    )?;
    metadata(name, description, schedule, out)
}

pub(crate) fn day(day: Day, out: &mut dyn Write) -> io::Result<()> {
    let (longitude, latitude) = (longitude(day.position.longitude()), day.position.latitude());
    writeln!(
        out,
        r#"<wpt lat="{latitude}" lon="{longitude}"><time>{date}T00:00:00Z</time><name>{date}</name><type>{DAY}</type></wpt>"#,
        date = day.date
    )
}

fn metadata(
    name: &str,
    description: &str,
    schedule: Option<&Schedule>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (name, description) = (Escaped(name), Escaped(description));
    write!(out, "<metadata><name>{name}</name><desc>{description}</desc>")?;
    if let Some(schedule) = schedule {
        write!(
            out,
            r#"<extensions><kairos:schedule startDate="{}" metersPerDay="{}""#,
            schedule.start_date(),
            schedule.metres_per_day()
        )?;
        list("restDates", schedule.rest_dates(), out)?;
        list("restWeekdays", schedule.rest_weekdays(), out)?;
        write!(out, "/></extensions>")?;
    }
    writeln!(out, "</metadata>")
}

fn list(name: &str, items: &[impl ToString], out: &mut dyn Write) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    write!(out, r#" {name}="{}""#, items.join(" "))
}

pub(crate) fn waypoint(marker: &MarkerDetails, out: &mut dyn Write) -> io::Result<()> {
    let position = marker.position;
    let (longitude, latitude) = (longitude(position.longitude()), position.latitude());
    write!(out, r#"<wpt lat="{latitude}" lon="{longitude}">"#)?;
    if let Some(elevation) = position.elevation() {
        write!(out, "<ele>{elevation}</ele>")?;
    }
    if let Some(day) = marker.day() {
        write!(out, "<time>{day}T00:00:00Z</time>")?;
    }
    write!(out, "<name>{}</name>", Escaped(marker.name.as_str()))?;
    if !marker.notes.as_str().is_empty() {
        write!(out, "<desc>{}</desc>", Escaped(marker.notes.as_str()))?;
    }
    let kind = if marker.kind == MarkerKind::Past {
        PAST
    } else {
        PLAN
    };
    write!(out, "<type>{kind}</type><extensions><kairos:markerDates")?;
    date("timestamp", marker.timestamp, out)?;
    date("estimatedTime", marker.estimated_time, out)?;
    writeln!(out, "/></extensions></wpt>")
}

fn date(name: &str, date: Option<NaiveDate>, out: &mut dyn Write) -> io::Result<()> {
    date.map_or(Ok(()), |date| write!(out, r#" {name}="{date}""#))
}

/// Writes the next position of a line. Returns whether more is left.
pub(crate) fn track(
    line: &Line,
    kind: LineKind,
    cursor: &mut Cursor,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let Some(placed) = cursor.place(line) else {
        return Ok(false);
    };
    if placed.begins_line {
        writeln!(out, "<trk><type>{}</type>", word(kind))?;
    }
    if placed.begins_segment {
        writeln!(out, "<trkseg>")?;
    }
    let position = placed.position;
    let (longitude, latitude) = (longitude(position.longitude()), position.latitude());
    write!(out, r#"<trkpt lat="{latitude}" lon="{longitude}">"#)?;
    if let Some(elevation) = position.elevation() {
        write!(out, "<ele>{elevation}</ele>")?;
    }
    if let Some(time) = position.time() {
        write!(out, "<time>{}</time>", utc(time))?;
    }
    writeln!(out, "</trkpt>")?;
    if placed.ends_segment {
        writeln!(out, "</trkseg>")?;
    }
    if placed.ends_line {
        writeln!(out, "</trk>")?;
    }
    cursor.advance(&placed);
    Ok(true)
}

/// GPX has longitudes below 180 only.
fn longitude(degrees: f64) -> f64 {
    if degrees >= 180.0 { -180.0 } else { degrees }
}

/// Formats a time with milliseconds, as every answer of the API does.
pub(crate) fn utc(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
