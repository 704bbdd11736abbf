//! Reads GPX.

use chrono::{DateTime, Utc};
use kairos_domain::geo::Position;
use kairos_domain::line::LineKind;
use kairos_domain::marker::MarkerKind;
use kairos_domain::schedule::Schedule;

use super::{CREATOR, DAY, PAST, PLAN};
use crate::collector::{Collector, Draft};
use crate::numbers::{self, BadPosition, date};
use crate::xml::XmlReader;
use crate::{LineOrigin, MarkerDates, ReadError, Waypoint};

/// Reads the children of the root.
pub(crate) fn read(xml: &mut XmlReader<'_>, collector: &mut Collector<'_>) -> Result<(), ReadError> {
    collector.is_own = xml.attribute("creator")?.as_deref() == Some(CREATOR);
    while xml.child()? {
        match xml.name() {
            "metadata" => metadata(xml, collector)?,
            "wpt" if collector.with_waypoints() => waypoint(xml, collector)?,
            "trk" => track(xml, collector)?,
            "rte" => route(xml, collector)?,
            // GPX 1.0 has these in the root.
            _ => about_the_file(xml, collector)?,
        }
    }
    Ok(())
}

fn metadata(xml: &mut XmlReader<'_>, collector: &mut Collector<'_>) -> Result<(), ReadError> {
    while xml.child()? {
        if xml.name() == "extensions" {
            while xml.child()? {
                if xml.name() == "schedule" {
                    collector.file().schedule = schedule(xml)?;
                }
                xml.skip()?;
            }
        } else {
            about_the_file(xml, collector)?;
        }
    }
    Ok(())
}

fn about_the_file(xml: &mut XmlReader<'_>, collector: &mut Collector<'_>) -> Result<(), ReadError> {
    match xml.name() {
        "name" => {
            let text = xml.text()?;
            let name = collector
                .name(&text, "the name of the file")
                .map_err(|kind| xml.error(kind))?;
            collector.file().name = name;
        }
        "desc" => {
            let text = xml.text()?;
            let text = collector
                .prose(&text, "the description of the file")
                .map_err(|kind| xml.error(kind))?;
            collector.file().description = Some(text);
        }
        _ => xml.skip()?,
    }
    Ok(())
}

/// Reads a schedule. An invalid one is ignored.
fn schedule(xml: &XmlReader<'_>) -> Result<Option<Schedule>, ReadError> {
    let attribute = |name| Ok::<_, ReadError>(xml.attribute(name)?.unwrap_or_default());
    let (start, pace) = (attribute("startDate")?, attribute("metersPerDay")?);
    let (Some(start_date), Ok(metres_per_day)) = (date(&start), pace.parse()) else {
        return Ok(None);
    };
    let rest_dates = attribute("restDates")?
        .split_ascii_whitespace()
        .filter_map(date)
        .collect();
    let rest_weekdays = attribute("restWeekdays")?
        .split_ascii_whitespace()
        .filter_map(|day| day.parse().ok())
        .collect();
    Ok(Schedule::new(start_date, metres_per_day, rest_dates, rest_weekdays).ok())
}

/// The common part of a `trkpt`, an `rtept` and a `wpt`.
struct Point {
    position: Result<Position, BadPosition>,
    time: Option<DateTime<Utc>>,
    line: u64,
}

/// Reads a point; `other` takes the children that are of no use to a line.
fn point(
    xml: &mut XmlReader<'_>,
    mut other: impl FnMut(&mut XmlReader<'_>) -> Result<(), ReadError>,
) -> Result<Point, ReadError> {
    let line = xml.line();
    let (longitude, latitude) = (xml.attribute("lon")?, xml.attribute("lat")?);
    let (mut elevation, mut time) = (None, None);
    while xml.child()? {
        match xml.name() {
            "ele" => elevation = Some(xml.text()?),
            "time" => time = numbers::time(&xml.text()?),
            _ => other(xml)?,
        }
    }
    let position = match (longitude, latitude) {
        (Some(longitude), Some(latitude)) => numbers::position(&longitude, &latitude, elevation.as_deref()),
        _ => Err(BadPosition::MissingAttribute),
    };
    Ok(Point { position, time, line })
}

fn waypoint(xml: &mut XmlReader<'_>, collector: &mut Collector<'_>) -> Result<(), ReadError> {
    let (mut name, mut description, mut comment) = (String::new(), String::new(), String::new());
    let (mut kind, mut dates) = (String::new(), None);
    let point = point(xml, |xml| {
        match xml.name() {
            "name" => name = xml.text()?,
            "desc" => description = xml.text()?,
            "cmt" => comment = xml.text()?,
            "type" => kind = xml.text()?,
            "extensions" => {
                while xml.child()? {
                    if xml.name() == "markerDates" {
                        let day = |name| Ok::<_, ReadError>(xml.attribute(name)?.as_deref().and_then(date));
                        let (timestamp, estimated_time) = (day("timestamp")?, day("estimatedTime")?);
                        dates = Some(MarkerDates {
                            timestamp,
                            estimated_time,
                        });
                    }
                    xml.skip()?;
                }
            }
            _ => xml.skip()?,
        }
        Ok(())
    })?;
    let kind = match kind.trim() {
        DAY => return Ok(()),
        PAST => Some(MarkerKind::Past),
        PLAN => Some(MarkerKind::Plan),
        _ => None,
    };
    let place = format!("line {}, wpt", point.line);
    let position = match point.position {
        Ok(position) => position,
        Err(reason) => {
            collector.skip(place, reason.to_string());
            return Ok(());
        }
    };
    let notes = if description.is_empty() {
        comment
    } else {
        description
    };
    let result = (|| {
        let waypoint = Waypoint {
            name: collector.name(&name, &place)?,
            notes: collector.prose(&notes, &place)?,
            place,
            position,
            time: point.time,
            kind,
            dates,
        };
        collector.waypoint(waypoint)
    })();
    result.map_err(|kind| xml.error(kind))
}

fn track(xml: &mut XmlReader<'_>, collector: &mut Collector<'_>) -> Result<(), ReadError> {
    let mut draft = Draft::default();
    draft.line.origin = LineOrigin::GpxTrack;
    draft.line.place = format!("line {}, trk", xml.line());
    while xml.child()? {
        if xml.name() == "trkseg" {
            let place = format!("line {}, trkseg", xml.line());
            while xml.child()? {
                line_point(xml, collector, &mut draft, "trkpt")?;
            }
            collector.end_segment(&mut draft, place);
        } else {
            about_the_line(xml, collector, &mut draft)?;
        }
    }
    collector.line(draft).map_err(|kind| xml.error(kind))
}

fn route(xml: &mut XmlReader<'_>, collector: &mut Collector<'_>) -> Result<(), ReadError> {
    let mut draft = Draft::default();
    draft.line.place = format!("line {}, rte", xml.line());
    while xml.child()? {
        if xml.name() == "rtept" {
            line_point(xml, collector, &mut draft, "rtept")?;
        } else {
            about_the_line(xml, collector, &mut draft)?;
        }
    }
    let place = draft.line.place.clone();
    collector.end_segment(&mut draft, place);
    collector.line(draft).map_err(|kind| xml.error(kind))
}

fn line_point(
    xml: &mut XmlReader<'_>,
    collector: &mut Collector<'_>,
    draft: &mut Draft,
    element: &str,
) -> Result<(), ReadError> {
    if xml.name() != element {
        return xml.skip();
    }
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself is for one lifetime of a reader only"
    )]
    let Point { position, time, line } = point(xml, |xml| xml.skip())?;
    let place = || format!("line {line}, {element}");
    collector
        .position(draft, position, time, place)
        .map_err(|kind| xml.error(kind))
}

fn about_the_line(
    xml: &mut XmlReader<'_>,
    collector: &mut Collector<'_>,
    draft: &mut Draft,
) -> Result<(), ReadError> {
    match xml.name() {
        "name" => {
            let text = xml.text()?;
            let place = draft.line.place.clone();
            draft.line.name = collector.name(&text, place).map_err(|kind| xml.error(kind))?;
        }
        "type" => draft.line.kind = line_kind(&xml.text()?),
        _ => xml.skip()?,
    }
    Ok(())
}

/// Returns the kind of a line by our own `type`.
pub(crate) fn line_kind(text: &str) -> Option<LineKind> {
    match text.trim() {
        PLAN => Some(LineKind::Route),
        PAST => Some(LineKind::Track),
        _ => None,
    }
}
