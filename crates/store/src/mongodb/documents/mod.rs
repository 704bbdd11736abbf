//! Converts documents to domain types and back. Reads documents of the earlier service as they are. Fields
//! that it left out get default values. An unreadable document is [`StoreError::Corrupt`].

mod derived;
mod elements;
mod itinerary_span;
mod journey;
mod line;
mod marker;
mod schedule;
mod session;
mod user;

use std::fmt::Display;

use bson::oid::ObjectId as Oid;
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, RawBsonRef, RawDocument};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use kairos_domain::id::ObjectId;
use kairos_domain::store::StoreError;
use serde::de::DeserializeOwned;

pub(super) use derived::{
    Derived, NOWHERE, dated_marker_of_index, marker_place_of_index, order_of, place_of, riding_order,
    riding_order_bytes,
};
pub(super) use itinerary_span::{
    days_of, is_as_expected, span, span_documents, span_of, spans_between, spans_of,
};
pub(super) use journey::{
    JourneyDocument, changing_fields, journey, journey_age, journey_document, usage_document,
};
pub(super) use line::{
    StoredLine, encoded_line, id_of_line, id_of_part, line, line_document, line_id, lines_of, part, parts_of,
    parts_of_journey, simplified_line,
};
pub(super) use marker::{
    changed_fields, marker, marker_document, marker_place, owner_is_missing, text_bytes,
};
pub(super) use schedule::{schedule, schedule_document};
pub(super) use session::{session, session_document, session_fields};
pub(super) use user::{
    RiderUsageDocument, mail_document, new_mail, profile_fields, user, user_document, user_record,
    waiting_mails,
};

pub(super) fn oid(id: ObjectId) -> Oid {
    Oid::from_bytes(id.bytes())
}

pub(super) fn object_id(id: Oid) -> ObjectId {
    ObjectId::from_bytes(id.bytes())
}

/// Converts an instant to a BSON date, which has milliseconds.
pub(super) fn instant(instant: DateTime<Utc>) -> bson::DateTime {
    bson::DateTime::from_millis(instant.timestamp_millis())
}

/// Returns the instant of a BSON date; `None` outside the calendar.
pub(super) fn moment(instant: bson::DateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(instant.timestamp_millis())
}

/// Converts a day to the format of the earlier service: its midnight in UTC.
pub(super) fn midnight(day: NaiveDate) -> bson::DateTime {
    instant(day.and_time(NaiveTime::MIN).and_utc())
}

pub(super) fn binary(bytes: impl Into<Vec<u8>>) -> Bson {
    Bson::Binary(Binary {
        subtype: BinarySubtype::Generic,
        bytes: bytes.into(),
    })
}

fn read<T: DeserializeOwned>(what: &'static str, document: &RawDocument) -> Result<T, StoreError> {
    bson::deserialize_from_slice(document.as_bytes()).map_err(|problem| corrupt(what, document, problem))
}

pub(super) fn corrupt(what: &'static str, document: &RawDocument, problem: impl Display) -> StoreError {
    StoreError::Corrupt {
        what,
        id: raw_id(document).unwrap_or_else(|| "without id".to_owned()),
        problem: problem.to_string(),
    }
}

pub(super) fn id_of(document: &RawDocument, what: &'static str) -> Result<ObjectId, StoreError> {
    match document.get_object_id("_id") {
        Ok(id) => Ok(object_id(id)),
        Err(_) => Err(corrupt(what, document, "its id is no ObjectId")),
    }
}

/// Returns the id of a document as text, whatever type it has.
pub(super) fn raw_id(document: &RawDocument) -> Option<String> {
    match document.get("_id").ok()?? {
        RawBsonRef::ObjectId(id) => Some(id.to_hex()),
        id => Bson::try_from(id).ok().map(|id| id.to_string()),
    }
}

/// Returns the instant of creation. Without `created_at`, uses the timestamp in the id, which has seconds.
fn created_at(created_at: Option<bson::DateTime>, id: Oid) -> Option<DateTime<Utc>> {
    moment(created_at.unwrap_or_else(|| id.timestamp()))
}

pub(super) fn is_being_deleted(document: &RawDocument) -> bool {
    matches!(
        document.get("is_being_deleted"),
        Ok(Some(RawBsonRef::Boolean(true)))
    )
}

/// Replaces the error of an unreadable document by `None`.
///
/// One corrupt document must not fail a search or another rider's login.
pub(super) fn if_readable<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Err(StoreError::Corrupt { .. }) => Ok(None),
        read => read.map(Some),
    }
}

/// Looks up a value by its name in the API.
fn word<T: Copy>(word: &str, words: &[(&str, T)]) -> Option<T> {
    let found = words.iter().find(|(known, _)| *known == word);
    found.map(|(_, value)| *value)
}
