//! Reads KML. Folders of any depth are read in a loop, not by recursion.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use kairos_domain::geo::Position;

use super::coordinates::{Tuples, position};
use crate::collector::{Collector, Draft};
use crate::numbers::{self, BadPosition};
use crate::xml::{Markup, XmlReader};
use crate::{ReadError, Waypoint};

/// Reads the document, whatever its root.
pub(crate) fn read(xml: &mut XmlReader<'_>, collector: &mut Collector<'_>) -> Result<(), ReadError> {
    if xml.name() == "Placemark" {
        return placemark(xml, collector);
    }
    // The name of the first document or folder is the file's.
    let about_depth = if xml.name() == "kml" { 3 } else { 2 };
    while xml.depth() > 0 {
        if xml.next()? != Markup::Start {
            continue;
        }
        let is_about_the_file = xml.depth() == about_depth;
        match xml.name() {
            "Placemark" => placemark(xml, collector)?,
            "name" if is_about_the_file && collector.file().name.is_none() => {
                let text = xml.text()?;
                let name = collector
                    .name(&text, "the name of the file")
                    .map_err(|kind| xml.error(kind))?;
                collector.file().name = name;
            }
            "description" if is_about_the_file => {
                let text = xml.text()?;
                let text = collector
                    .prose(&text, "the description of the file")
                    .map_err(|kind| xml.error(kind))?;
                collector.file().description = Some(text);
            }
            "Document" | "Folder" => {}
            _ => xml.skip()?,
        }
    }
    Ok(())
}

/// A placemark as far as it was read.
struct Placemark {
    place: String,
    name: String,
    notes: String,
    time: Option<DateTime<Utc>>,
    draft: Draft,
    points: Vec<Position>,
}

fn placemark(xml: &mut XmlReader<'_>, collector: &mut Collector<'_>) -> Result<(), ReadError> {
    let outside = xml.depth() - 1;
    let mut placemark = Placemark {
        place: format!("line {}, Placemark", xml.line()),
        name: String::new(),
        notes: String::new(),
        time: None,
        draft: Draft::default(),
        points: Vec::new(),
    };
    while xml.depth() > outside {
        if xml.next()? != Markup::Start {
            continue;
        }
        let line = xml.line();
        match xml.name() {
            "name" if placemark.name.is_empty() => placemark.name = xml.text()?,
            "description" if placemark.notes.is_empty() => placemark.notes = xml.text()?,
            "when" | "begin" if placemark.time.is_none() => placemark.time = numbers::time(&xml.text()?),
            "Point" => geometry(xml, collector, &mut placemark, true)?,
            "LineString" | "LinearRing" => {
                geometry(xml, collector, &mut placemark, false)?;
                collector.end_segment(&mut placemark.draft, format!("line {line}, LineString"));
            }
            "Track" => {
                track(xml, collector, &mut placemark.draft)?;
                collector.end_segment(&mut placemark.draft, format!("line {line}, Track"));
            }
            "MultiGeometry" | "MultiTrack" | "TimeStamp" | "TimeSpan" => {}
            "Polygon" | "Model" => {
                let reason = format!("a {} is neither a line nor a point", xml.name());
                collector.skip(format!("line {line}, {}", xml.name()), reason);
                xml.skip()?;
            }
            _ => xml.skip()?,
        }
    }
    finish(collector, placemark).map_err(|kind| xml.error(kind))
}

fn finish(collector: &mut Collector<'_>, mut placemark: Placemark) -> Result<(), crate::ReadErrorKind> {
    let place = placemark.place;
    let name = collector.name(&placemark.name, &place)?;
    if !placemark.points.is_empty() {
        let notes = collector.prose(&placemark.notes, &place)?;
        for position in placemark.points {
            collector.waypoint(Waypoint {
                place: place.clone(),
                name: name.clone(),
                notes: notes.clone(),
                position,
                time: placemark.time,
                kind: None,
                dates: None,
            })?;
        }
    }
    placemark.draft.line.name = name;
    placemark.draft.line.place = place;
    collector.line(placemark.draft)
}

/// Reads the coordinates of a point or a line.
fn geometry(
    xml: &mut XmlReader<'_>,
    collector: &mut Collector<'_>,
    placemark: &mut Placemark,
    is_point: bool,
) -> Result<(), ReadError> {
    while xml.child()? {
        if xml.name() != "coordinates" {
            xml.skip()?;
            continue;
        }
        let line = xml.line();
        let mut index = 0;
        let mut take = |tuple: &str| {
            index += 1;
            let place = || format!("line {line}, coordinates, position {index}");
            let position = position(tuple, ',');
            if !is_point {
                return collector.position(&mut placemark.draft, position, None, place);
            }
            match position {
                // A point has one position, so that a long list can't make a long list of waypoints.
                Ok(position) if index == 1 && collector.with_waypoints() => placemark.points.push(position),
                Ok(_) => {}
                Err(reason) => collector.skip_at(place, &reason),
            }
            Ok(())
        };
        let mut tuples = Tuples::default();
        xml.text_pieces(|piece| tuples.piece(piece, &mut take))?;
        tuples.end(&mut take).map_err(|kind| xml.error(kind))?;
        xml.skip()?;
    }
    Ok(())
}

/// Reads a `gx:Track`: times and positions, in pairs by their order.
fn track(xml: &mut XmlReader<'_>, collector: &mut Collector<'_>, draft: &mut Draft) -> Result<(), ReadError> {
    let mut times: VecDeque<Option<i64>> = VecDeque::new();
    let mut waiting: VecDeque<(Result<Position, BadPosition>, u64)> = VecDeque::new();
    loop {
        let is_inside = xml.child()?;
        if is_inside {
            let line = xml.line();
            match xml.name() {
                "when" => times.push_back(numbers::time(&xml.text()?).map(|time| time.timestamp_millis())),
                "coord" => waiting.push_back((position(&xml.text()?, ' '), line)),
                _ => xml.skip()?,
            }
            if times.len().max(waiting.len()) > kairos_domain::line::MAX_POSITIONS {
                return Err(xml.error(kairos_domain::line::LineTooLarge::Positions.into()));
            }
        }
        while let Some((position, line)) = waiting.pop_front() {
            if times.is_empty() && is_inside {
                // Its time comes later.
                waiting.push_front((position, line));
                break;
            }
            let time = times
                .pop_front()
                .flatten()
                .and_then(DateTime::from_timestamp_millis);
            let place = || format!("line {line}, coord");
            collector
                .position(draft, position, time, place)
                .map_err(|kind| xml.error(kind))?;
        }
        if !is_inside {
            return Ok(());
        }
    }
}
