//! The documents of lines: one with the figures of a line, and one for each of its parts.

use bson::oid::ObjectId as Oid;
use bson::{Binary, Bson, Document, RawDocument, doc};
use chrono::NaiveDate;
use kairos_domain::geo::Distance;
use kairos_domain::id::JourneyId;
use kairos_domain::line::{EncodedLine, EncodedPart, LineKind, LineVersion, encoding};
use kairos_domain::store::{LineFigures, SimplifiedLine, StoreError};
use serde::Deserialize;

use super::{binary, corrupt, midnight, moment, object_id, oid, read};

#[derive(Deserialize)]
struct LineDocument {
    #[serde(rename = "_id")]
    id: LineId,
    version: Binary,
    metres: f64,
    bytes: i64,
    /// Absent if the caller does not read it.
    simplified: Option<Binary>,
}

#[derive(Deserialize)]
struct SimplifiedDocument {
    #[serde(rename = "_id")]
    id: LineId,
    simplified: Binary,
}

#[derive(Deserialize)]
struct KeyDocument {
    #[serde(rename = "_id")]
    id: LineId,
}

#[derive(Deserialize)]
struct PartDocument {
    #[serde(rename = "_id")]
    id: PartId,
    bytes: Binary,
}

#[derive(Deserialize)]
struct LineId {
    journey_id: Oid,
    kind: String,
}

#[derive(Deserialize)]
struct PartId {
    day: Option<bson::DateTime>,
}

/// A stored line without its parts and its simplification.
#[derive(Debug, Clone, Copy)]
pub(in crate::mongodb) struct StoredLine {
    pub(in crate::mongodb) kind: LineKind,
    pub(in crate::mongodb) figures: LineFigures,
    /// The bytes of all parts.
    pub(in crate::mongodb) bytes: i64,
}

pub(in crate::mongodb) fn line_id(journey_id: JourneyId, kind: LineKind) -> Document {
    doc! { "journey_id": oid(journey_id.0), "kind": kind.as_str() }
}

/// Returns the filter for the lines of some journeys.
pub(in crate::mongodb) fn lines_of(journeys: &[JourneyId]) -> Document {
    let ids = journeys
        .iter()
        .flat_map(|id| LineKind::ALL.map(|kind| line_id(*id, kind)));
    doc! { "_id": { "$in": ids.collect::<Vec<_>>() } }
}

/// Returns the filter for the parts of all lines of a journey.
pub(in crate::mongodb) fn parts_of_journey(journey_id: JourneyId) -> Document {
    let id = |kind: Bson| doc! { "journey_id": oid(journey_id.0), "kind": kind };
    doc! { "_id": { "$gte": id(Bson::MinKey), "$lte": id(Bson::MaxKey) } }
}

/// Returns the filter for the parts of a line.
pub(in crate::mongodb) fn parts_of(journey_id: JourneyId, kind: LineKind) -> Document {
    let id = |day| part_id(journey_id, kind, day);
    doc! { "_id": { "$gte": id(Bson::MinKey), "$lte": id(Bson::MaxKey) } }
}

/// Returns the id of the part of a day.
pub(in crate::mongodb) fn id_of_part(
    journey_id: JourneyId,
    kind: LineKind,
    day: Option<NaiveDate>,
) -> Document {
    part_id(journey_id, kind, day.map(midnight).into())
}

fn part_id(journey_id: JourneyId, kind: LineKind, day: Bson) -> Document {
    doc! { "journey_id": oid(journey_id.0), "kind": kind.as_str(), "day": day }
}

pub(in crate::mongodb) fn line_document(
    journey_id: JourneyId,
    kind: LineKind,
    line: &EncodedLine,
) -> Document {
    doc! {
        "_id": line_id(journey_id, kind),
        "version": binary(line.version.bytes()),
        "metres": line.length.metres(),
        "bytes": line.bytes(),
        "simplified": binary(line.simplified.clone()),
    }
}

/// Reads a line without its parts and its simplification.
pub(in crate::mongodb) fn line(document: &RawDocument) -> Result<StoredLine, StoreError> {
    stored_line(read("line", document)?, document)
}

fn stored_line(line: LineDocument, document: &RawDocument) -> Result<StoredLine, StoreError> {
    let version = <[u8; 16]>::try_from(line.version.bytes);
    let version = version.map_err(|_| corrupt("line", document, "its version has not 16 bytes"))?;
    Ok(StoredLine {
        kind: kind_of(&line.id, document)?,
        figures: LineFigures {
            version: LineVersion::from_bytes(version),
            length: Distance::from_metres(line.metres),
        },
        bytes: line.bytes,
    })
}

/// Reads a line without its parts. Also returns the number of their bytes in its document.
pub(in crate::mongodb) fn encoded_line(document: &RawDocument) -> Result<(EncodedLine, i64), StoreError> {
    let mut line: LineDocument = read("line", document)?;
    let simplified = line.simplified.take();
    let StoredLine { figures, bytes, .. } = stored_line(line, document)?;
    let line = EncodedLine {
        version: figures.version,
        length: figures.length,
        parts: Vec::new(),
        simplified: simplified.map_or_else(Vec::new, |simplified| simplified.bytes),
    };
    Ok((line, bytes))
}

/// Reads the journey and the kind of a line.
pub(in crate::mongodb) fn id_of_line(document: &RawDocument) -> Result<(JourneyId, LineKind), StoreError> {
    let KeyDocument { id } = read("line", document)?;
    Ok((JourneyId(object_id(id.journey_id)), kind_of(&id, document)?))
}

/// Reads a simplified line. Decoding a long one takes milliseconds.
pub(in crate::mongodb) fn simplified_line(document: &RawDocument) -> Result<SimplifiedLine, StoreError> {
    let line: SimplifiedDocument = read("line", document)?;
    Ok(SimplifiedLine {
        journey_id: JourneyId(object_id(line.id.journey_id)),
        kind: kind_of(&line.id, document)?,
        line: encoding::decode(&line.simplified.bytes)
            .map_err(|problem| corrupt("line", document, problem))?,
    })
}

/// Reads a part of a line.
pub(in crate::mongodb) fn part(document: &RawDocument) -> Result<EncodedPart, StoreError> {
    let part: PartDocument = read("part of a line", document)?;
    let day = part.id.day.map(|day| {
        moment(day).ok_or_else(|| corrupt("part of a line", document, "its day is outside the calendar"))
    });
    Ok(EncodedPart {
        day: day.transpose()?.map(|day| day.date_naive()),
        bytes: part.bytes.bytes,
    })
}

fn kind_of(id: &LineId, document: &RawDocument) -> Result<LineKind, StoreError> {
    let kind = LineKind::ALL.into_iter().find(|kind| kind.as_str() == id.kind);
    kind.ok_or_else(|| corrupt("line", document, "its kind is no known word"))
}
