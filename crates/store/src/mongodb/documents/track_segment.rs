use bson::oid::ObjectId as Oid;
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, Document, RawDocument, RawDocumentBuf, doc};
use chrono::{Datelike as _, NaiveDate, TimeDelta};
use kairos_domain::discovery::DayPosition;
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, ObjectId};
use kairos_domain::store::StoreError;

use super::{oid, whole_number};
use crate::tracks::{day_cell, is_same_place};

/// How many days a segment spans. Shorter ones would be more to find for each search, longer ones hold more days on which nobody is met.
const DAYS_A_SEGMENT: i32 = 64;

/// A day in a segment: which of its days, then longitude and latitude.
const DAY_BYTES: usize = 1 + 8 + 8;

/// How high it is on a day: a number of metres, or none.
const ELEVATION_BYTES: usize = 8;

/// What a segment tells of its journey.
pub(in crate::mongodb) struct Segment {
    pub(in crate::mongodb) journey_id: JourneyId,
    /// As of which revision of the journey's track; `None` if that was not asked for.
    pub(in crate::mongodb) revision: Option<i64>,
    /// Where it is on which days, in order.
    pub(in crate::mongodb) days: Vec<DayPosition>,
}

/// The id of a segment of a journey's track.
pub(in crate::mongodb) fn segment_id(id: JourneyId, span: impl Into<Bson>) -> Document {
    doc! { "journey_id": oid(id.0), "span": span }
}

/// Which documents are the segments of a journey's track.
pub(in crate::mongodb) fn segments_of(id: JourneyId) -> Document {
    doc! { "_id": { "$gte": segment_id(id, Bson::MinKey), "$lte": segment_id(id, Bson::MaxKey) } }
}

/// A journey's days in order as segments: each a span of days, with the cells that they are found by.
pub(in crate::mongodb) fn segment_documents(
    id: JourneyId,
    revision: i64,
    days: &[DayPosition],
) -> impl Iterator<Item = Document> {
    days.chunk_by(|day, next| span_of(day.date) == span_of(next.date))
        .filter_map(move |days| {
            let span = span_of(days.first()?.date);
            let mut day_cells: Vec<_> = days.iter().map(|day| day_cell(*day)).collect();
            day_cells.sort_unstable();
            let mut bytes = Vec::with_capacity(days.len() * DAY_BYTES);
            for day in days {
                let which = day.date.num_days_from_ce() - span * DAYS_A_SEGMENT;
                bytes.extend(u8::try_from(which));
                bytes.extend(day.position.longitude().to_le_bytes());
                bytes.extend(day.position.latitude().to_le_bytes());
            }
            let mut segment = doc! {
                "_id": segment_id(id, span),
                "revision": revision,
                "day_cells": day_cells,
                "days": binary(bytes),
            };
            if days.iter().any(|day| day.position.elevation().is_some()) {
                segment.insert("elevations", binary(elevations(days)));
            }
            Some(segment)
        })
}

pub(in crate::mongodb) fn segment(document: &RawDocument) -> Result<Segment, StoreError> {
    let id = document.get_document("_id").ok();
    let journey_id = id.and_then(|id| id.get_object_id("journey_id").ok());
    let span = id.and_then(|id| id.get_i32("span").ok());
    let days = document.get_binary("days").ok().map(|days| days.bytes);
    let read = journey_id
        .zip(span)
        .zip(days)
        .and_then(|((journey_id, span), bytes)| {
            // Most searches don't ask for them.
            let elevations = document
                .get_binary("elevations")
                .map(|elevations| elevations.bytes);
            let mut elevations = elevations.unwrap_or_default().chunks(ELEVATION_BYTES);
            let days = bytes
                .chunks(DAY_BYTES)
                .map(|bytes| day(span, bytes, elevations.next().and_then(elevation)));
            Some(Segment {
                journey_id: JourneyId(ObjectId::from_bytes(journey_id.bytes())),
                revision: whole_number(document, "revision"),
                days: days.collect::<Option<_>>()?,
            })
        });
    read.ok_or_else(|| StoreError::Corrupt {
        what: "track segment",
        id: journey_id.map(Oid::to_hex).unwrap_or_default(),
        problem: "its days can't be read".to_owned(),
    })
}

/// Whether a segment is what it should be. Its places may be [off](is_same_place) a little.
pub(in crate::mongodb) fn is_as_expected(kept: &RawDocument, expected: &Document) -> bool {
    let expected = RawDocumentBuf::try_from(expected);
    let (Ok(there), Ok(Ok(expected))) = (segment(kept), expected.map(|expected| segment(&expected))) else {
        return false;
    };
    let is_same_day = |(there, expected): (&DayPosition, &DayPosition)| {
        let elevations = [there, expected].map(|day| day.position.elevation());
        there.date == expected.date
            && elevations[0] == elevations[1]
            && is_same_place(there.position, expected.position)
    };
    let mut day_cells: Vec<_> = there.days.iter().map(|day| Bson::from(day_cell(*day))).collect();
    day_cells.sort_unstable_by_key(Bson::as_i64);
    let kept_cells = kept.get_array("day_cells").and_then(bson::Array::try_from);
    there.journey_id == expected.journey_id
        && there.revision == expected.revision
        && there.days.len() == expected.days.len()
        && there.days.iter().zip(&expected.days).all(is_same_day)
        && kept_cells.is_ok_and(|kept_cells| kept_cells == day_cells)
}

/// How high a journey is on each of its days, where that is known.
fn elevations(days: &[DayPosition]) -> Vec<u8> {
    let elevations = days
        .iter()
        .map(|day| day.position.elevation().unwrap_or(f64::NAN));
    elevations.flat_map(f64::to_le_bytes).collect()
}

fn elevation(bytes: &[u8]) -> Option<f64> {
    let elevation = f64::from_le_bytes(bytes.try_into().ok()?);
    Some(elevation).filter(|elevation| !elevation.is_nan())
}

fn binary(bytes: Vec<u8>) -> Binary {
    Binary {
        subtype: BinarySubtype::Generic,
        bytes,
    }
}

fn day(span: i32, bytes: &[u8], elevation: Option<f64>) -> Option<DayPosition> {
    let (which, place) = bytes.split_first()?;
    let (longitude, latitude) = place.split_first_chunk()?;
    let latitude = f64::from_le_bytes(latitude.try_into().ok()?);
    let first = NaiveDate::from_num_days_from_ce_opt(span.checked_mul(DAYS_A_SEGMENT)?)?;
    Some(DayPosition {
        date: first.checked_add_signed(TimeDelta::days(i64::from(*which)))?,
        position: Position::new(f64::from_le_bytes(*longitude), latitude, elevation).ok()?,
    })
}

/// Which span of days a day is in.
pub(in crate::mongodb) fn span_of(date: NaiveDate) -> i32 {
    date.num_days_from_ce().div_euclid(DAYS_A_SEGMENT)
}
