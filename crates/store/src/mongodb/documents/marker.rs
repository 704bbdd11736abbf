use bson::{Bson, Document, RawArray, RawBsonRef, RawDocument, doc};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use kairos_domain::discovery::DatedMarker;
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MarkerId, ObjectId, UserId};
use kairos_domain::marker::{Marker, MarkerDetails, MarkerKind};
use kairos_domain::store::StoreError;
use kairos_domain::text::{Name, Prose};

use super::{Fields, instant, midnight, oid, time_in};
use crate::places::{CODE_LEVELS, Cell};

/// Reads a marker. `owner` is the journey's, for those that the earlier service gave none.
pub(in crate::mongodb) fn marker(
    document: &RawDocument,
    owner: Option<UserId>,
) -> Result<Marker, StoreError> {
    let fields = Fields::of("marker", document)?;
    let kind = fields.word("marker_type", &MarkerKind::ALL)?;
    let journey_id = fields.object_id("journey_id")?;
    let owner_id = fields.object_id("owner_id")?.map(UserId).or(owner);
    Ok(Marker {
        id: MarkerId(fields.id),
        journey_id: JourneyId(fields.required("journey_id", journey_id)?),
        owner_id: fields.required("owner_id", owner_id)?,
        created_at: fields.created_at()?,
        details: MarkerDetails {
            name: Name::stored(fields.text("name")?.unwrap_or_default()),
            notes: Prose::stored(fields.text("notes")?.unwrap_or_default()),
            kind: fields.required("marker_type", kind)?,
            position: position(&fields)?,
            timestamp: fields.day("timestamp")?,
            estimated_time: fields.day("estimated_time")?,
        },
    })
}

/// The journey of a marker that the earlier service gave no owner.
pub(in crate::mongodb) fn owner_is_missing(document: &RawDocument) -> Option<JourneyId> {
    let fields = Fields::of("marker", document).ok()?;
    let owner_id = fields.object_id("owner_id").ok()?;
    let journey_id = fields.object_id("journey_id").ok()??;
    owner_id.is_none().then_some(JourneyId(journey_id))
}

/// What puts a marker in riding order.
pub(in crate::mongodb) type RidingKey = (MarkerKind, bool, Option<NaiveDate>, DateTime<Utc>, MarkerId);

/// Reads what puts a marker in [riding order](Marker::riding_order), and nothing else.
pub(in crate::mongodb) fn riding_key(document: &RawDocument) -> Result<RidingKey, StoreError> {
    let fields = Fields::of("marker", document)?;
    let kind = fields.word("marker_type", &MarkerKind::ALL)?;
    let kind = fields.required("marker_type", kind)?;
    let day = match kind {
        MarkerKind::Past => fields.day("timestamp")?,
        MarkerKind::Plan => fields.day("estimated_time")?,
    };
    Ok((
        kind,
        day.is_none(),
        day,
        fields.created_at()?,
        MarkerId(fields.id),
    ))
}

/// Reads which journey a marker is on and where it is.
pub(in crate::mongodb) fn place(
    document: &RawDocument,
) -> Result<(MarkerId, JourneyId, Position), StoreError> {
    let fields = Fields::of("marker", document)?;
    let journey_id = fields.object_id("journey_id")?;
    Ok((
        MarkerId(fields.id),
        JourneyId(fields.required("journey_id", journey_id)?),
        position(&fields)?,
    ))
}

/// The fields that [`dated_marker`] reads.
pub(in crate::mongodb) fn fields_of_dated_markers() -> Document {
    doc! {
        "journey_id": 1, "marker_type": 1, "timestamp": 1, "estimated_time": 1, "created_at": 1, "coordinates": 1,
        "is_being_deleted": 1,
    }
}

/// Reads which journey a marker is on, and what it tells of where that is; `None` if it has no day, is being deleted, or can't be
/// read. Searches read thousands of them, and each in one go.
pub(in crate::mongodb) fn dated_marker(document: &RawDocument) -> Option<(JourneyId, DatedMarker)> {
    let (mut id, mut journey_id, mut kind, mut position) = (None, None, None, None);
    let (mut timestamp, mut estimated_time, mut created_at) = (None, None, None);
    for element in document {
        let (name, value) = element.ok()?;
        match (name.as_str(), value) {
            (_, RawBsonRef::Null | RawBsonRef::Undefined) => {}
            ("is_being_deleted", RawBsonRef::Boolean(true)) => return None,
            ("_id", value) => id = Some(ObjectId::from_bytes(value.as_object_id()?.bytes())),
            ("journey_id", value) => journey_id = Some(ObjectId::from_bytes(value.as_object_id()?.bytes())),
            ("marker_type", value) => kind = Some(kind_of(value.as_str()?)?),
            ("coordinates", value) => position = Some(position_of(value.as_document()?)?),
            ("timestamp", value) => timestamp = Some(value.as_datetime()?.timestamp_millis()),
            ("estimated_time", value) => estimated_time = Some(value.as_datetime()?.timestamp_millis()),
            ("created_at", value) => created_at = Some(value.as_datetime()?.timestamp_millis()),
            _ => {}
        }
    }
    let (id, kind) = (id?, kind?);
    let day = match kind {
        MarkerKind::Past => timestamp,
        MarkerKind::Plan => estimated_time,
    };
    let date = DateTime::from_timestamp_millis(day?)?.date_naive();
    let marker = DatedMarker {
        id: MarkerId(id),
        created_at: match created_at {
            Some(millis) => DateTime::from_timestamp_millis(millis)?,
            None => time_in(id),
        },
        kind,
        date: (1..=9999).contains(&date.year()).then_some(date)?,
        position: position?,
    };
    Some((JourneyId(journey_id?), marker))
}

fn kind_of(word: &str) -> Option<MarkerKind> {
    let known = MarkerKind::ALL.iter().find(|(known, _)| *known == word);
    known.map(|(_, kind)| *kind)
}

fn position_of(point: &RawDocument) -> Option<Position> {
    let [longitude, latitude, elevation] = numbers(point.get_array("coordinates").ok()?);
    let is_point = point.get_str("type").is_ok_and(|name| name == "Point");
    Position::new(longitude?, latitude?, elevation)
        .ok()
        .filter(|_| is_point)
}

pub(in crate::mongodb) fn marker_document(marker: &Marker) -> Document {
    let mut document = doc! {
        "_id": oid(marker.id.0),
        "journey_id": oid(marker.journey_id.0),
        "owner_id": oid(marker.owner_id.0),
        "created_at": instant(marker.created_at),
    };
    document.extend(fields_of_details(&marker.details));
    document
}

/// What a change of a marker writes beside it, in the same act: its journey's track is behind it, until it has been renewed since this
/// change.
pub(in crate::mongodb) fn untracked(mut set: Document) -> Document {
    set.insert("is_untracked", true);
    doc! { "$set": set, "$inc": { "changes": 1_i64 } }
}

/// What stands for the cells of a marker that no search should find. It is no number.
pub(in crate::mongodb) const NOWHERE: &str = "nowhere";

/// The fields that a marker's owner writes, and its cells, which follow from them.
pub(in crate::mongodb) fn fields_of_details(details: &MarkerDetails) -> Document {
    let position = details.position;
    let mut coordinates = vec![Bson::from(position.longitude()), Bson::from(position.latitude())];
    coordinates.extend(position.elevation().map(Bson::from));
    doc! {
        "name": details.name.as_str(),
        "notes": details.notes.as_str(),
        "marker_type": details.kind.as_str(),
        "coordinates": { "type": "Point", "coordinates": coordinates },
        "timestamp": details.timestamp.map(midnight),
        "estimated_time": details.estimated_time.map(midnight),
        "cells": cells_of(position),
    }
}

/// The cells that searches find a place by, one of each of their levels.
pub(in crate::mongodb) fn cells_of(position: Position) -> Bson {
    Bson::Array(Cell::codes(position, CODE_LEVELS).map(Bson::from).to_vec())
}

fn position(fields: &Fields<'_>) -> Result<Position, StoreError> {
    let coordinates = fields.get("coordinates", "GeoJSON point", |value| {
        let point = value.as_document()?;
        let is_point = point.get_str("type").is_ok_and(|name| name == "Point");
        is_point.then(|| point.get_array("coordinates").ok()).flatten()
    })?;
    let coordinates = fields.required("coordinates", coordinates)?;
    let [longitude, latitude, elevation] = numbers(coordinates);
    match (longitude, latitude) {
        (Some(longitude), Some(latitude)) => Position::new(longitude, latitude, elevation)
            .map_err(|problem| fields.corrupt(format_args!("coordinates: {problem}"))),
        _ => Err(fields.corrupt("coordinates are no numbers")),
    }
}

fn numbers(array: &RawArray) -> [Option<f64>; 3] {
    let mut values = array.into_iter().map(|value| {
        let value = value.ok()?;
        match value {
            RawBsonRef::Double(number) => Some(number),
            RawBsonRef::Int32(number) => Some(f64::from(number)),
            #[expect(clippy::cast_precision_loss, reason = "no place has 2^53 degrees")]
            RawBsonRef::Int64(number) => Some(number as f64),
            _ => None,
        }
    });
    [(); 3].map(|()| values.next().flatten())
}
