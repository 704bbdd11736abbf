//! Writes GPX 1.1, valid against its schema.

use std::io::{self, Write};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use kairos_domain::line::Line;
use kairos_domain::marker::{MarkerDetails, MarkerKind};
use kairos_domain::schedule::Schedule;

use super::{CREATOR, DAY, NAMESPACE, PAST, PLAN};
use crate::export::{Day, Escaped, Export};

pub(crate) fn write<M, D>(export: Export<'_, M, D>, out: &mut dyn Write) -> io::Result<()>
where
    M: IntoIterator<Item = MarkerDetails>,
    D: IntoIterator<Item = Day>,
{
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<gpx version="1.1" creator="{CREATOR}" xmlns="http://www.topografix.com/GPX/1/1" xmlns:kairos="{NAMESPACE}">"#
    )?;
    metadata(export.name, export.description, export.schedule, out)?;
    for marker in export.markers {
        waypoint(&marker, out)?;
    }
    for day in export.days {
        let (longitude, latitude) = (longitude(day.position.longitude()), day.position.latitude());
        writeln!(
            out,
            r#"<wpt lat="{latitude}" lon="{longitude}"><time>{date}T00:00:00Z</time><name>{date}</name><type>{DAY}</type></wpt>"#,
            date = day.date
        )?;
    }
    for (line, kind) in [(export.route, PLAN), (export.track, PAST)] {
        if let Some(line) = line {
            track(line, kind, out)?;
        }
    }
    writeln!(out, "</gpx>")
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

fn waypoint(marker: &MarkerDetails, out: &mut dyn Write) -> io::Result<()> {
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

fn track(line: &Line, kind: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<trk><type>{kind}</type>")?;
    for segment in line.segments() {
        writeln!(out, "<trkseg>")?;
        for position in segment {
            let (longitude, latitude) = (longitude(position.longitude()), position.latitude());
            write!(out, r#"<trkpt lat="{latitude}" lon="{longitude}">"#)?;
            if let Some(elevation) = position.elevation() {
                write!(out, "<ele>{elevation}</ele>")?;
            }
            if let Some(time) = position.time() {
                write!(out, "<time>{}</time>", utc(time))?;
            }
            writeln!(out, "</trkpt>")?;
        }
        writeln!(out, "</trkseg>")?;
    }
    writeln!(out, "</trk>")
}

/// GPX has longitudes below 180 only.
fn longitude(degrees: f64) -> f64 {
    if degrees >= 180.0 { -180.0 } else { degrees }
}

/// Formats a time with the milliseconds that it has.
pub(crate) fn utc(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
