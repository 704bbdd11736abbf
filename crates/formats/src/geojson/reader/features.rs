//! The conversion of a feature.

use chrono::DateTime;
use kairos_domain::geo::Position;
use kairos_domain::line::LineTooLarge;
use kairos_domain::marker::MarkerKind;

use super::super::coordinates::Coordinates;
use super::super::properties::Properties;
use super::Node;
use crate::collector::{Collector, Draft};
use crate::gpx::{DAY, PAST, PLAN, reader::line_kind};
use crate::numbers::{self, date};
use crate::{MarkerDates, ReadErrorKind, Waypoint};

pub(super) fn is_geometry(kind: &str) -> bool {
    const GEOMETRIES: [&str; 7] = [
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    ];
    GEOMETRIES.contains(&kind)
}

/// Keeps the lines and waypoints of a feature, or of a geometry on its own.
pub(super) fn feature(collector: &mut Collector<'_>, node: Node, place: &str) -> Result<(), ReadErrorKind> {
    match node.kind.as_deref() {
        Some("Feature") => {
            let properties = node.properties.unwrap_or_default();
            match node.geometry {
                Some(geometry) => self::geometry(collector, *geometry, &properties, place),
                None => Ok(()),
            }
        }
        _ => geometry(collector, node, &Properties::default(), place),
    }
}

fn geometry(
    collector: &mut Collector<'_>,
    node: Node,
    properties: &Properties,
    place: &str,
) -> Result<(), ReadErrorKind> {
    let shown = if place.is_empty() { "the geometry" } else { place };
    let kind = node.kind.as_deref().unwrap_or_default();
    let coordinates = node.coordinates.unwrap_or_default();
    match kind {
        "GeometryCollection" => {
            for (index, inner) in node.geometries.into_iter().enumerate() {
                let separator = if place.is_empty() { "" } else { "." };
                geometry(
                    collector,
                    inner,
                    properties,
                    &format!("{place}{separator}geometries[{index}]"),
                )?;
            }
        }
        "Point" => match coordinates.point {
            Some(Ok(position)) => waypoint(collector, position, properties, shown)?,
            Some(Err(reason)) => collector.skip(shown, reason.to_string()),
            None => collector.skip(shown, "the coordinates are missing"),
        },
        "MultiPoint" => {
            for (index, position) in coordinates.positions.iter().enumerate() {
                let shown = format!("{shown}, position {index}");
                match position {
                    Ok(position) => {
                        let (longitude, latitude) = (position.longitude(), position.latitude());
                        match Position::new(longitude, latitude, position.elevation()) {
                            Ok(position) => waypoint(collector, position, properties, &shown)?,
                            Err(error) => collector.skip(shown, error.to_string()),
                        }
                    }
                    Err(bad) => collector.skip(shown, bad.to_string()),
                }
            }
        }
        "LineString" | "MultiLineString" => line(collector, &coordinates, kind, properties, shown)?,
        // A feature without a geometry, which is legal.
        "" => {}
        _ => collector.skip(
            shown,
            format!("a {} is neither a line nor a point", shorten(kind)),
        ),
    }
    Ok(())
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

fn waypoint(
    collector: &mut Collector<'_>,
    position: Position,
    properties: &Properties,
    place: &str,
) -> Result<(), ReadErrorKind> {
    let kind = match properties.kind.as_deref() {
        Some(DAY) => return Ok(()),
        Some(PAST) => Some(MarkerKind::Past),
        Some(PLAN) => Some(MarkerKind::Plan),
        _ => None,
    };
    if !collector.with_waypoints() {
        return Ok(());
    }
    let day = |text: &Option<String>| text.as_deref().and_then(date);
    let dates = MarkerDates {
        timestamp: day(&properties.timestamp),
        estimated_time: day(&properties.estimated_time),
    };
    let waypoint = Waypoint {
        name: collector.name(properties.name.as_deref().unwrap_or_default(), place)?,
        notes: collector.prose(properties.notes.as_deref().unwrap_or_default(), place)?,
        place: place.to_owned(),
        position,
        time: properties.time.as_deref().and_then(numbers::time),
        kind,
        // Without a kind these are words of another program.
        dates: kind.map(|_| dates),
    };
    collector.waypoint(waypoint)
}

fn line(
    collector: &mut Collector<'_>,
    coordinates: &Coordinates,
    kind: &str,
    properties: &Properties,
    place: &str,
) -> Result<(), ReadErrorKind> {
    let depth = if kind == "LineString" { 2 } else { 3 };
    if coordinates.depth > 0 && coordinates.depth != depth {
        collector.skip(place, format!("the coordinates are not those of a {kind}"));
        return Ok(());
    }
    if coordinates.is_too_long {
        return Err(LineTooLarge::Positions.into());
    }
    let mut draft = Draft::default();
    draft.line.place = place.to_owned();
    draft.line.name = collector.name(properties.name.as_deref().unwrap_or_default(), place)?;
    draft.line.kind = properties.kind.as_deref().and_then(line_kind);
    let times_fit = properties.times.len() == coordinates.positions.len();
    if !times_fit && !properties.times.is_empty() {
        collector.skip(
            place,
            "the times are not as many as the positions, and were left away",
        );
    }
    let mut start = 0;
    for (number, end) in coordinates.ends.iter().enumerate() {
        let segment = coordinates.positions.get(start..*end).unwrap_or_default();
        for (index, position) in (start..).zip(segment) {
            let place = || format!("{place}, position {index}");
            match position {
                Ok(position) => {
                    let time = properties
                        .times
                        .get(index)
                        .copied()
                        .flatten()
                        .filter(|_| times_fit);
                    let time = time.and_then(DateTime::from_timestamp_millis);
                    let position = time.map_or(*position, |time| position.with_time(time));
                    collector.line_position(&mut draft, position, place)?;
                }
                Err(bad) => collector.skip_at(place, bad),
            }
        }
        collector.end_segment(&mut draft, format!("{place}, segment {number}"));
        start = *end;
    }
    if coordinates.ends.is_empty() {
        collector.skip(place, "the line has no positions");
    }
    collector.line(draft)
}
