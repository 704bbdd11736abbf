use bson::oid::ObjectId as Oid;
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, Document, RawDocument, doc};
use chrono::{Datelike as _, NaiveDate, TimeDelta};
use kairos_domain::discovery::DayPosition;
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, ObjectId};
use kairos_domain::store::StoreError;

use super::oid;
use crate::tracks::day_cell;

/// How many days a segment spans. A marker in the middle of a long track changes a segment or two.
const DAYS_A_SEGMENT: i32 = 64;

/// A day in a segment: which of its days, then longitude and latitude.
const DAY_BYTES: usize = 1 + 8 + 8;

/// Which documents are the segments of a journey's track.
pub(in crate::mongodb) fn segments_of(id: JourneyId) -> Document {
    let id_from = |span: Bson| doc! { "journey_id": oid(id.0), "span": span };
    doc! { "_id": { "$gte": id_from(Bson::MinKey), "$lte": id_from(Bson::MaxKey) } }
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
            Some(doc! {
                "_id": { "journey_id": oid(id.0), "span": span },
                "revision": revision,
                "day_cells": day_cells,
                "days": Binary { subtype: BinarySubtype::Generic, bytes },
            })
        })
}

/// Reads which journey a segment is of, and its days.
pub(in crate::mongodb) fn segment(
    document: &RawDocument,
) -> Result<(JourneyId, Vec<DayPosition>), StoreError> {
    let id = document.get_document("_id").ok();
    let journey_id = id.and_then(|id| id.get_object_id("journey_id").ok());
    let span = id.and_then(|id| id.get_i32("span").ok());
    let days = document.get_binary("days").ok().map(|days| days.bytes);
    let read = journey_id
        .zip(span)
        .zip(days)
        .and_then(|((journey_id, span), bytes)| {
            let days = bytes.chunks(DAY_BYTES).map(|bytes| day(span, bytes));
            let journey_id = JourneyId(ObjectId::from_bytes(journey_id.bytes()));
            Some((journey_id, days.collect::<Option<_>>()?))
        });
    read.ok_or_else(|| StoreError::Corrupt {
        what: "track segment",
        id: journey_id.map(Oid::to_hex).unwrap_or_default(),
        problem: "its days can't be read".to_owned(),
    })
}

fn day(span: i32, bytes: &[u8]) -> Option<DayPosition> {
    let (which, place) = bytes.split_first()?;
    let (longitude, latitude) = place.split_first_chunk()?;
    let latitude = f64::from_le_bytes(latitude.try_into().ok()?);
    let first = NaiveDate::from_num_days_from_ce_opt(span.checked_mul(DAYS_A_SEGMENT)?)?;
    Some(DayPosition {
        date: first.checked_add_signed(TimeDelta::days(i64::from(*which)))?,
        position: Position::new(f64::from_le_bytes(*longitude), latitude, None).ok()?,
    })
}

/// Which span of days a day is in.
pub(in crate::mongodb) fn span_of(date: NaiveDate) -> i32 {
    date.num_days_from_ce().div_euclid(DAYS_A_SEGMENT)
}
