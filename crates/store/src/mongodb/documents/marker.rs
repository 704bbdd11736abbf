//! Reads markers field by field from the bytes of the server. A list may contain ten thousand of them.

use bson::{Bson, Document, RawDocument, doc};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MarkerId, ObjectId, UserId};
use kairos_domain::marker::{Marker, MarkerDetails, MarkerKind, MarkerPlace, RidingOrder};
use kairos_domain::store::StoreError;
use kairos_domain::text::{Name, Prose};

use super::derived::derived;
use super::elements::{Elements, Value};
use super::{corrupt, created_at, instant, midnight, object_id, oid, word};

/// The fields of a stored marker. A null field counts as absent.
#[derive(Default)]
pub(super) struct Fields<'a> {
    id: Option<Value<'a>>,
    journey_id: Option<Value<'a>>,
    owner_id: Option<Value<'a>>,
    created_at: Option<Value<'a>>,
    name: Option<Value<'a>>,
    notes: Option<Value<'a>>,
    marker_type: Option<Value<'a>>,
    coordinates: Option<Value<'a>>,
    timestamp: Option<Value<'a>>,
    estimated_time: Option<Value<'a>>,
    is_being_deleted: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn of(document: &'a RawDocument) -> Option<Self> {
        let mut fields = Self::default();
        for element in Elements::of(document) {
            let (name, value) = element?;
            let field = match name {
                b"_id" => &mut fields.id,
                b"journey_id" => &mut fields.journey_id,
                b"owner_id" => &mut fields.owner_id,
                b"created_at" => &mut fields.created_at,
                b"name" => &mut fields.name,
                b"notes" => &mut fields.notes,
                b"marker_type" => &mut fields.marker_type,
                b"coordinates" => &mut fields.coordinates,
                b"timestamp" => &mut fields.timestamp,
                b"estimated_time" => &mut fields.estimated_time,
                b"is_being_deleted" => {
                    fields.is_being_deleted = value == Value::Boolean(true);
                    continue;
                }
                _ => continue,
            };
            *field = Some(value).filter(|value| *value != Value::Null);
        }
        Some(fields)
    }

    fn marker(&self, owner: Option<UserId>) -> Result<Marker, &'static str> {
        Ok(Marker {
            id: self.marker_id()?,
            journey_id: JourneyId(id(self.journey_id).ok_or("journey_id is missing or no ObjectId")?),
            owner_id: match self.owner_id {
                None => owner,
                owner_id => id(owner_id).map(UserId),
            }
            .ok_or("owner_id is missing or no ObjectId")?,
            created_at: self.created_at()?,
            details: MarkerDetails {
                name: Name::stored(text(self.name).ok_or("name is no string")?.to_owned()),
                notes: Prose::stored(text(self.notes).ok_or("notes is no string")?.to_owned()),
                kind: self.kind()?,
                position: self.position()?,
                timestamp: day(self.timestamp).ok_or("timestamp is no date of the calendar")?,
                estimated_time: day(self.estimated_time)
                    .ok_or("estimated_time is no date of the calendar")?,
            },
        })
    }

    fn marker_id(&self) -> Result<MarkerId, &'static str> {
        id(self.id).map(MarkerId).ok_or("its id is no ObjectId")
    }

    fn created_at(&self) -> Result<DateTime<Utc>, &'static str> {
        let instant = match self.created_at {
            None => None,
            Some(value) => Some(instant_of(value).ok_or("created_at is no date")?),
        };
        let id = oid(self.marker_id()?.0);
        created_at(instant, id).ok_or("created_at is outside the calendar")
    }

    fn kind(&self) -> Result<MarkerKind, &'static str> {
        let name = self.marker_type.and_then(text_of);
        name.and_then(|name| word(name, &MarkerKind::ALL))
            .ok_or("marker_type is missing or no known word")
    }

    pub(super) fn position(&self) -> Result<Position, &'static str> {
        self.coordinates
            .and_then(position_of)
            .ok_or("coordinates are missing or no GeoJSON point on the globe")
    }

    pub(super) fn order(&self) -> Result<RidingOrder, &'static str> {
        let kind = self.kind()?;
        let day = match kind {
            MarkerKind::Past => day(self.timestamp),
            MarkerKind::Plan => day(self.estimated_time),
        };
        Ok(RidingOrder {
            kind,
            day: day.ok_or("its date is none of the calendar")?,
            created_at: self.created_at()?,
            id: self.marker_id()?,
        })
    }
}

/// Reads a marker; `None` if an earlier version of Kairos has marked it as deleted.
///
/// `owner` is the journey's rider, for markers that the earlier service stored without an owner.
pub(in crate::mongodb) fn marker(
    document: &RawDocument,
    owner: Option<UserId>,
) -> Result<Option<Marker>, StoreError> {
    let read = match Fields::of(document) {
        Some(fields) if fields.is_being_deleted => return Ok(None),
        Some(fields) => fields.marker(owner),
        None => Err("it is no document"),
    };
    read.map(Some)
        .map_err(|problem| corrupt("marker", document, problem))
}

/// Reads a marker's riding order and position from its own fields.
pub(in crate::mongodb) fn marker_place(document: &RawDocument) -> Result<MarkerPlace, StoreError> {
    let read = Fields::of(document)
        .ok_or("it is no document")
        .and_then(|fields| {
            Ok(MarkerPlace {
                order: fields.order()?,
                position: fields.position()?,
            })
        });
    read.map_err(|problem| corrupt("marker", document, problem))
}

/// Returns the journey of a marker that the earlier service stored without an owner.
pub(in crate::mongodb) fn owner_is_missing(document: &RawDocument) -> Option<JourneyId> {
    let fields = Elements::of(document);
    match fields.get(b"owner_id") {
        None | Some(Value::Null) => id(fields.get(b"journey_id")).map(JourneyId),
        Some(_) => None,
    }
}

/// Returns the size of a marker's texts in bytes, even if its other fields are unreadable.
pub(in crate::mongodb) fn text_bytes(document: &RawDocument) -> i64 {
    let texts = Elements::of(document).flatten().map(|element| match element {
        (b"name" | b"notes", Value::Text(text)) => text.len(),
        _ => 0,
    });
    i64::try_from(texts.sum::<usize>()).unwrap_or(i64::MAX)
}

pub(in crate::mongodb) fn marker_document(marker: &Marker) -> Document {
    let mut document = doc! {
        "_id": oid(marker.id.0),
        "journey_id": oid(marker.journey_id.0),
        "owner_id": oid(marker.owner_id.0),
        "created_at": instant(marker.created_at),
    };
    document.extend(fields_of_details(marker));
    document
}

/// Returns the fields that the owner writes, and the fields derived from them.
fn fields_of_details(marker: &Marker) -> Document {
    let details = &marker.details;
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
        "derived": derived(Some(marker.riding_order()), Some(position)),
    }
}

/// Returns the detail fields that a change affects, and the derived fields.
///
/// Other fields stay as the earlier service wrote them, because its dates have a time of day.
pub(in crate::mongodb) fn changed_fields(before: &Marker, after: &Marker) -> Document {
    let before = fields_of_details(before);
    fields_of_details(after)
        .into_iter()
        .filter(|(name, value)| name == "derived" || before.get(name) != Some(value))
        .collect()
}

fn id(value: Option<Value<'_>>) -> Option<ObjectId> {
    match value? {
        Value::Id(id) => Some(object_id(id)),
        _ => None,
    }
}

/// Reads a text. An absent field is an empty text.
fn text(value: Option<Value<'_>>) -> Option<&str> {
    value.map_or(Some(""), text_of)
}

fn text_of(value: Value<'_>) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn instant_of(value: Value<'_>) -> Option<bson::DateTime> {
    match value {
        Value::Instant(instant) => Some(instant),
        _ => None,
    }
}

/// Returns the UTC day of a BSON date; `None` if it is no date or outside the calendar.
fn day(value: Option<Value<'_>>) -> Option<Option<NaiveDate>> {
    let Some(value) = value else { return Some(None) };
    let instant = DateTime::from_timestamp_millis(instant_of(value)?.timestamp_millis())?;
    let day = instant.date_naive();
    (1..=9999).contains(&day.year()).then_some(Some(day))
}

fn position_of(point: Value<'_>) -> Option<Position> {
    let Value::Document(point) = point else {
        return None;
    };
    let Some(Value::Array(numbers)) = point.get(b"coordinates") else {
        return None;
    };
    let mut numbers = numbers.map(|element| match element? {
        (_, Value::Number(number)) => Some(number),
        _ => None,
    });
    let [longitude, latitude, elevation] = [(); 3].map(|()| numbers.next().flatten());
    let is_point = point.get(b"type") == Some(Value::Text("Point"));
    Position::new(longitude?, latitude?, elevation)
        .ok()
        .filter(|_| is_point)
}
