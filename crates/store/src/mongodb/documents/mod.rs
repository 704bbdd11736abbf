//! Documents as domain types, and domain types as documents. The earlier service's are read as they are: what it may have left out has
//! a value here, and what can't be read is a clear fault.

mod journey;
mod marker;
mod session;
mod track_segment;
mod user;

use std::fmt::Display;

use bson::oid::ObjectId as Oid;
use bson::{Bson, RawBsonRef, RawDocument};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use kairos_domain::id::ObjectId;
use kairos_domain::store::StoreError;

pub(super) use journey::{Drawing, drawing, fields_of_drawing, journey, journey_document};
pub(super) use marker::{
    NOWHERE, cells_of, dated_marker, fields_of_dated_markers, fields_of_details, marker, marker_document,
    owner_is_missing, place, riding_key, untracked,
};
pub(super) use session::{Session, binary};
pub(super) use track_segment::{
    Segment, is_as_expected, segment, segment_documents, segment_id, segments_of, span_of,
};
pub(super) use user::{
    fields_of_contact, mail_document, new_mail, user, user_document, user_record, waiting_mails,
};

/// An id as MongoDB has it.
pub(super) fn oid(id: ObjectId) -> Oid {
    Oid::from_bytes(id.bytes())
}

/// An instant as MongoDB has it.
pub(super) fn instant(instant: DateTime<Utc>) -> bson::DateTime {
    bson::DateTime::from_millis(instant.timestamp_millis())
}

/// A day as the earlier service has it: its midnight in UTC.
pub(super) fn midnight(day: NaiveDate) -> bson::DateTime {
    instant(day.and_time(NaiveTime::MIN).and_utc())
}

/// The id of a document.
pub(super) fn id_of(document: &RawDocument, what: &'static str) -> Result<ObjectId, StoreError> {
    Fields::of(what, document).map(|fields| fields.id)
}

/// The id of a document, of whatever type, for somebody to read.
pub(super) fn raw_id(document: &RawDocument) -> Option<String> {
    match document.get("_id").ok()?? {
        RawBsonRef::ObjectId(id) => Some(id.to_hex()),
        id => Bson::try_from(id).ok().map(|id| id.to_string()),
    }
}

/// When an id was made, to the second.
fn time_in(id: ObjectId) -> DateTime<Utc> {
    let [a, b, c, d, ..] = id.bytes();
    let seconds = u32::from_be_bytes([a, b, c, d]);
    DateTime::from_timestamp(i64::from(seconds), 0).unwrap_or_default()
}

/// Whether a document is one that an interrupted deletion has left.
pub(super) fn is_being_deleted(document: &RawDocument) -> bool {
    matches!(
        document.get("is_being_deleted"),
        Ok(Some(RawBsonRef::Boolean(true)))
    )
}

/// A whole number, however the server or somebody else has written it.
pub(super) fn whole_number(document: &RawDocument, field: &str) -> Option<i64> {
    let number = document.get(field).ok()??;
    number.as_i64().or_else(|| number.as_i32().map(i64::from))
}

/// Leaves out what can't be read: one broken document must not end a search in which others come up, or keep others from logging in.
pub(super) fn if_readable<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Err(StoreError::Corrupt { .. }) => Ok(None),
        read => read.map(Some),
    }
}

/// The fields of a document with an id, which a fault names. `null` is as good as absent.
pub(super) struct Fields<'a> {
    what: &'static str,
    id: ObjectId,
    document: &'a RawDocument,
}

impl<'a> Fields<'a> {
    pub(super) fn of(what: &'static str, document: &'a RawDocument) -> Result<Self, StoreError> {
        let id = document.get("_id").ok().flatten();
        let Some(RawBsonRef::ObjectId(id)) = id else {
            let id = id.and_then(|id| Bson::try_from(id).ok());
            return Err(StoreError::Corrupt {
                what,
                id: id.map_or_else(|| "without id".to_owned(), |id| id.to_string()),
                problem: "its id is no ObjectId".to_owned(),
            });
        };
        let id = ObjectId::from_bytes(id.bytes());
        Ok(Self { what, id, document })
    }

    fn corrupt(&self, problem: impl Display) -> StoreError {
        StoreError::Corrupt {
            what: self.what,
            id: self.id.to_string(),
            problem: problem.to_string(),
        }
    }

    /// A field, read by `read`; absent if it is not there.
    fn get<T>(
        &self,
        field: &'static str,
        kind: &str,
        read: impl FnOnce(RawBsonRef<'a>) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match self.document.get(field) {
            Err(problem) => Err(self.corrupt(problem)),
            Ok(None | Some(RawBsonRef::Null | RawBsonRef::Undefined)) => Ok(None),
            Ok(Some(value)) => match read(value) {
                Some(value) => Ok(Some(value)),
                None => Err(self.corrupt(format_args!("{field} is no {kind}"))),
            },
        }
    }

    fn required<T>(&self, field: &'static str, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.corrupt(format_args!("{field} is missing")))
    }

    fn text(&self, field: &'static str) -> Result<Option<String>, StoreError> {
        self.get(field, "string", |value| value.as_str().map(str::to_owned))
    }

    fn bool(&self, field: &'static str) -> Result<bool, StoreError> {
        Ok(self.get(field, "boolean", RawBsonRef::as_bool)?.unwrap_or(false))
    }

    fn count(&self, field: &'static str) -> Result<u32, StoreError> {
        let count = self.get(field, "count", |value| {
            let number = value.as_i64().or_else(|| value.as_i32().map(i64::from));
            number.and_then(|number| u32::try_from(number).ok())
        })?;
        Ok(count.unwrap_or(0))
    }

    fn object_id(&self, field: &'static str) -> Result<Option<ObjectId>, StoreError> {
        self.get(field, "ObjectId", |value| {
            value.as_object_id().map(|id| ObjectId::from_bytes(id.bytes()))
        })
    }

    fn instant(&self, field: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.get(field, "date", |value| {
            DateTime::from_timestamp_millis(value.as_datetime()?.timestamp_millis())
        })
    }

    /// When a thing was created; its id tells it, too, to the second.
    fn created_at(&self) -> Result<DateTime<Utc>, StoreError> {
        let created_at = self.instant("created_at")?;
        Ok(created_at.unwrap_or_else(|| time_in(self.id)))
    }

    /// The UTC day of an instant.
    fn day(&self, field: &'static str) -> Result<Option<NaiveDate>, StoreError> {
        let day = self.instant(field)?.map(|instant| instant.date_naive());
        match day {
            Some(day) if !(1..=9999).contains(&chrono::Datelike::year(&day)) => {
                Err(self.corrupt(format_args!("{field} is outside the calendar")))
            }
            day => Ok(day),
        }
    }

    fn word<T: Copy>(&self, field: &'static str, words: &[(&str, T)]) -> Result<Option<T>, StoreError> {
        self.get(field, "known word", |value| {
            let found = value.as_str()?;
            words
                .iter()
                .find(|(word, _)| *word == found)
                .map(|(_, value)| *value)
        })
    }
}
