//! The document of an itinerary span. An itinerary is stored in spans of 64 days. Spans without a position
//! have no document.

use bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use chrono::{Datelike as _, NaiveDate, TimeDelta};
use kairos_domain::discovery::DayPosition;
use kairos_domain::geo::Position;
use kairos_domain::id::JourneyId;
use kairos_domain::store::StoreError;

use super::{binary, corrupt, object_id, oid};
use crate::itinerary::{day_cell, is_same_place};

/// The length of a span in days. Shorter spans would mean more documents for each search, longer ones more
/// unused days in each document.
const DAYS_A_SPAN: i32 = 64;

/// Bytes of a day in a span: its offset from the span's first day, longitude and latitude.
const DAY_BYTES: usize = 1 + 8 + 8;

/// Bytes of an elevation in metres, NaN if it is unknown.
const ELEVATION_BYTES: usize = 8;

/// Returns the filter for a journey's spans.
pub(in crate::mongodb) fn spans_of(id: JourneyId) -> Document {
    spans_between(id, Bson::MinKey, Bson::MaxKey)
}

/// Returns the filter for a journey's spans from `first` to `last`.
pub(in crate::mongodb) fn spans_between(
    id: JourneyId,
    first: impl Into<Bson>,
    last: impl Into<Bson>,
) -> Document {
    let span_id = |span: Bson| doc! { "journey_id": oid(id.0), "span": span };
    doc! { "_id": { "$gte": span_id(first.into()), "$lte": span_id(last.into()) } }
}

/// Returns the span documents for a journey's days, which must be in order.
pub(in crate::mongodb) fn span_documents(
    id: JourneyId,
    days: &[DayPosition],
) -> impl Iterator<Item = Document> {
    days.chunk_by(|day, next| span_of(day.date) == span_of(next.date))
        .filter_map(move |days| {
            let span = span_of(days.first()?.date);
            let mut day_cells: Vec<_> = days.iter().map(|day| day_cell(*day)).collect();
            day_cells.sort_unstable();
            let mut bytes = Vec::with_capacity(days.len() * DAY_BYTES);
            for day in days {
                let which = day.date.num_days_from_ce() - span * DAYS_A_SPAN;
                bytes.extend(u8::try_from(which));
                bytes.extend(day.position.longitude().to_le_bytes());
                bytes.extend(day.position.latitude().to_le_bytes());
            }
            let mut document = doc! {
                "_id": { "journey_id": oid(id.0), "span": span },
                "day_cells": day_cells,
                "days": binary(bytes),
            };
            if days.iter().any(|day| day.position.elevation().is_some()) {
                document.insert("elevations", binary(elevations(days)));
            }
            Some(document)
        })
}

/// Reads the journey of a span and its days, in order.
pub(in crate::mongodb) fn span(document: &RawDocument) -> Result<(JourneyId, Vec<DayPosition>), StoreError> {
    read(document).ok_or_else(|| corrupt("itinerary span", document, "its days can't be read"))
}

fn read(document: &RawDocument) -> Option<(JourneyId, Vec<DayPosition>)> {
    let id = document.get_document("_id").ok()?;
    let journey_id = id.get_object_id("journey_id").ok()?;
    let span = id.get_i32("span").ok()?;
    // Most searches don't read `elevations`.
    let elevations = document
        .get_binary("elevations")
        .map(|elevations| elevations.bytes);
    let mut elevations = elevations.unwrap_or_default().chunks(ELEVATION_BYTES);
    let days = document.get_binary("days").ok()?.bytes.chunks(DAY_BYTES);
    let days = days.map(|bytes| day(span, bytes, elevations.next().and_then(elevation)));
    Some((JourneyId(object_id(journey_id)), days.collect::<Option<_>>()?))
}

/// Compares a stored span with the computed one. Positions may [differ by rounding](is_same_place).
pub(in crate::mongodb) fn is_as_expected(kept: &RawDocument, expected: &Document) -> bool {
    let expected = RawDocumentBuf::try_from(expected);
    let expected = expected.ok().and_then(|expected| read(&expected));
    let (Some((there_id, there)), Some((expected_id, expected))) = (read(kept), expected) else {
        return false;
    };
    let is_same_day = |(there, expected): (&DayPosition, &DayPosition)| {
        let elevations = [there, expected].map(|day| day.position.elevation());
        there.date == expected.date
            && elevations[0] == elevations[1]
            && is_same_place(there.position, expected.position)
    };
    let mut day_cells: Vec<_> = there.iter().map(|day| Bson::from(day_cell(*day))).collect();
    day_cells.sort_unstable_by_key(Bson::as_i64);
    let kept_cells = kept.get_array("day_cells").and_then(bson::Array::try_from);
    there_id == expected_id
        && there.len() == expected.len()
        && there.iter().zip(&expected).all(is_same_day)
        && kept_cells.is_ok_and(|kept_cells| kept_cells == day_cells)
}

/// Encodes the elevations of the days; NaN where the elevation is unknown.
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

fn day(span: i32, bytes: &[u8], elevation: Option<f64>) -> Option<DayPosition> {
    let (which, place) = bytes.split_first()?;
    let (longitude, latitude) = place.split_first_chunk()?;
    let latitude = f64::from_le_bytes(latitude.try_into().ok()?);
    let first = NaiveDate::from_num_days_from_ce_opt(span.checked_mul(DAYS_A_SPAN)?)?;
    Some(DayPosition {
        date: first.checked_add_signed(TimeDelta::days(i64::from(*which)))?,
        position: Position::new(f64::from_le_bytes(*longitude), latitude, elevation).ok()?,
    })
}

/// Returns the number of the span that contains a day.
pub(in crate::mongodb) fn span_of(date: NaiveDate) -> i32 {
    date.num_days_from_ce().div_euclid(DAYS_A_SPAN)
}

/// Returns the first and the last day of a span.
pub(in crate::mongodb) fn days_of(span: i32) -> Option<(NaiveDate, NaiveDate)> {
    let first = NaiveDate::from_num_days_from_ce_opt(span.checked_mul(DAYS_A_SPAN)?)?;
    Some((first, first + TimeDelta::days(i64::from(DAYS_A_SPAN) - 1)))
}
