//! Converts rows to domain types. Checks what the schema cannot rule out, so that a manually edited file
//! causes a clear error.
//!
//! Columns are read by their position in the lists below. Lookups by name took half the time of a list of
//! markers.

use std::fmt::Display;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use kairos_domain::discovery::DatedMarker;
use kairos_domain::email_address::EmailAddress;
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MailId, MarkerId, ObjectId, UserId};
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::mail::{MailKind, OutboxMail};
use kairos_domain::marker::{Marker, MarkerDetails, MarkerKind, MarkerPlace, RidingOrder};
use kairos_domain::password::PasswordHash;
use kairos_domain::store::StoreError;
use kairos_domain::text::{Name, ProfileLine, Prose};
use kairos_domain::user::{Contact, User};
use rusqlite::types::FromSql;
use rusqlite::{Row, Rows};

use super::error::Fault;

/// The columns that [`user`] reads.
macro_rules! user_columns {
    () => {
        "id, email, is_verified, name, phonenumber, instagram, country, password, credential_version, address_version"
    };
}

/// The columns that [`journey`] reads.
macro_rules! journey_columns {
    () => {
        "id, user_id, name, description, created_at, status, visibility"
    };
}

/// The columns that [`marker`] reads.
macro_rules! marker_columns {
    () => {
        "id, journey_id, owner_id, created_at, name, notes, kind, longitude, latitude, elevation, timestamp, estimated_time"
    };
}

/// The columns that [`marker_place`] and [`dated_marker`] read. The index in riding order covers them.
macro_rules! marker_place_columns {
    () => {
        "id, created_at, kind, riding_day, longitude, latitude, elevation"
    };
}

/// The columns that [`mail`] reads.
macro_rules! mail_columns {
    () => {
        "id, user_id, recipient, kind, created_at, attempts"
    };
}

pub(super) use {journey_columns, mail_columns, marker_columns, marker_place_columns, user_columns};

/// The value of the day of a marker or part of a line without one, which sorts last.
const NO_DAY: i64 = i64::MAX;

/// The stored names of [`JourneyStatus`].
const STATUSES: [(&str, JourneyStatus); 3] = [
    ("inactive", JourneyStatus::Inactive),
    ("active", JourneyStatus::Active),
    ("completed", JourneyStatus::Completed),
];

pub(super) fn user(row: &Row<'_>) -> Result<User, Fault> {
    let row = Columns::of("user", row)?;
    let line =
        |column| -> Result<_, Fault> { Ok(row.get::<Option<String>>(column)?.map(ProfileLine::stored)) };
    Ok(User {
        id: UserId(row.id),
        email: EmailAddress::stored(row.get(1)?),
        is_verified: row.get(2)?,
        name: Name::stored(row.get(3)?),
        contact: Contact {
            phonenumber: line(4)?,
            instagram: line(5)?,
            country: line(6)?,
        },
        password: PasswordHash::stored(row.get(7)?),
        credential_version: row.get(8)?,
        address_version: row.get(9)?,
    })
}

pub(super) fn journey(row: &Row<'_>) -> Result<Journey, Fault> {
    let row = Columns::of("journey", row)?;
    Ok(Journey {
        id: JourneyId(row.id),
        user_id: UserId(row.object_id(1)?),
        name: Name::stored(row.get(2)?),
        description: Prose::stored(row.get(3)?),
        created_at: row.instant(4)?,
        status: row.word(5, &STATUSES)?,
        visibility: row.word(6, &Visibility::ALL)?,
    })
}

pub(super) fn marker(row: &Row<'_>) -> Result<Marker, Fault> {
    let row = Columns::of("marker", row)?;
    Ok(Marker {
        id: MarkerId(row.id),
        journey_id: JourneyId(row.object_id(1)?),
        owner_id: UserId(row.object_id(2)?),
        created_at: row.instant(3)?,
        details: MarkerDetails {
            name: Name::stored(row.get(4)?),
            notes: Prose::stored(row.get(5)?),
            kind: row.marker_kind(6)?,
            position: row.position(7)?,
            timestamp: row.day(10)?,
            estimated_time: row.day(11)?,
        },
    })
}

pub(super) fn marker_place(row: &Row<'_>) -> Result<MarkerPlace, Fault> {
    let row = Columns::of("marker", row)?;
    Ok(MarkerPlace {
        order: RidingOrder {
            kind: row.marker_kind(2)?,
            day: row.day_or_none(3)?,
            created_at: row.instant(1)?,
            id: MarkerId(row.id),
        },
        position: row.position(4)?,
    })
}

/// Reads a marker that has a day.
pub(super) fn dated_marker(row: &Row<'_>) -> Result<DatedMarker, Fault> {
    let MarkerPlace { order, position } = marker_place(row)?;
    Ok(DatedMarker {
        id: order.id,
        created_at: order.created_at,
        kind: order.kind,
        date: order.day.ok_or_else(|| StoreError::Corrupt {
            what: "marker",
            id: order.id.to_string(),
            problem: "it has no day".to_owned(),
        })?,
        position,
    })
}

pub(super) fn mail(row: &Row<'_>) -> Result<OutboxMail, Fault> {
    let row = Columns::of("mail", row)?;
    Ok(OutboxMail {
        id: MailId(row.id),
        user_id: UserId(row.object_id(1)?),
        to: EmailAddress::stored(row.get(2)?),
        kind: row.word(3, &MailKind::ALL)?,
        created_at: row.instant(4)?,
        attempts: row.get(5)?,
    })
}

pub(super) fn id(row: &Row<'_>, column: usize) -> Result<ObjectId, Fault> {
    Ok(ObjectId::from_bytes(row.get(column)?))
}

/// Reads the first row, if there is one.
pub(super) fn first<T>(
    mut rows: Rows<'_>,
    read: impl Fn(&Row<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    rows.next()?.map(read).transpose()
}

/// Reads all rows.
pub(super) fn all<T>(rows: Rows<'_>, read: impl Fn(&Row<'_>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    each(rows, read).collect()
}

/// Returns an iterator over the rows.
///
/// A query whose order comes from an index ends when its reader stops, not by `LIMIT ?`. SQLite recompiles a
/// statement whenever a limit is bound, which takes longer than reading fifty markers.
pub(super) fn each<T>(
    mut rows: Rows<'_>,
    read: impl Fn(&Row<'_>) -> Result<T, Fault>,
) -> impl Iterator<Item = Result<T, Fault>> {
    std::iter::from_fn(move || match rows.next() {
        Ok(row) => row.map(&read),
        Err(error) => Some(Err(error.into())),
    })
}

/// Returns a status as the schema stores it.
pub(super) fn status(status: JourneyStatus) -> &'static str {
    match status {
        JourneyStatus::Inactive => "inactive",
        JourneyStatus::Active => "active",
        JourneyStatus::Completed => "completed",
    }
}

/// Returns a kind as the schema stores it.
pub(super) const fn marker_kind(kind: MarkerKind) -> i64 {
    match kind {
        MarkerKind::Past => 0,
        MarkerKind::Plan => 1,
    }
}

/// Returns a day as the schema stores it.
pub(super) fn day(date: NaiveDate) -> i64 {
    date.num_days_from_ce().into()
}

/// Returns a day, or the value for none, as the schema stores it.
pub(super) fn day_or_none(date: Option<NaiveDate>) -> i64 {
    date.map_or(NO_DAY, day)
}

/// A reader of a row whose first column is the id, which its errors name.
pub(super) struct Columns<'a> {
    what: &'static str,
    pub(super) id: ObjectId,
    row: &'a Row<'a>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(what: &'static str, row: &'a Row<'_>) -> Result<Self, Fault> {
        let id = id(row, 0)?;
        Ok(Self { what, id, row })
    }

    pub(super) fn corrupt(&self, problem: impl Display) -> Fault {
        Fault::from(StoreError::Corrupt {
            what: self.what,
            id: self.id.to_string(),
            problem: problem.to_string(),
        })
    }

    pub(super) fn get<T: FromSql>(&self, column: usize) -> Result<T, Fault> {
        self.row.get(column).map_err(|error| self.corrupt(error))
    }

    fn object_id(&self, column: usize) -> Result<ObjectId, Fault> {
        self.get(column).map(ObjectId::from_bytes)
    }

    fn instant(&self, column: usize) -> Result<DateTime<Utc>, Fault> {
        DateTime::from_timestamp_millis(self.get(column)?)
            .ok_or_else(|| self.corrupt(format_args!("column {column} is not an instant")))
    }

    fn day(&self, column: usize) -> Result<Option<NaiveDate>, Fault> {
        let number = self.get::<Option<i64>>(column)?;
        number.map(|number| self.date(number)).transpose()
    }

    /// Reads a day that may be the value for none.
    pub(super) fn day_or_none(&self, column: usize) -> Result<Option<NaiveDate>, Fault> {
        match self.get(column)? {
            NO_DAY => Ok(None),
            number => self.date(number).map(Some),
        }
    }

    /// Returns the day with a number.
    pub(super) fn date(&self, number: i64) -> Result<NaiveDate, Fault> {
        let date = i32::try_from(number)
            .ok()
            .and_then(NaiveDate::from_num_days_from_ce_opt);
        date.ok_or_else(|| self.corrupt(format_args!("day {number} is beyond the calendar")))
    }

    fn marker_kind(&self, column: usize) -> Result<MarkerKind, Fault> {
        match self.get(column)? {
            0 => Ok(MarkerKind::Past),
            1 => Ok(MarkerKind::Plan),
            other => Err(self.corrupt(format_args!("kind {other}"))),
        }
    }

    /// Reads a position from three columns.
    fn position(&self, column: usize) -> Result<Position, Fault> {
        Position::new(self.get(column)?, self.get(column + 1)?, self.get(column + 2)?)
            .map_err(|problem| self.corrupt(problem))
    }

    fn word<T: Copy>(&self, column: usize, words: &[(&str, T)]) -> Result<T, Fault> {
        let found = self.row.get_ref(column)?;
        let found = found.as_str().map_err(|error| self.corrupt(error))?;
        let known = words.iter().find(|(word, _)| *word == found);
        known
            .map(|(_, value)| *value)
            .ok_or_else(|| self.corrupt(format_args!("column {column}: {found:?}")))
    }
}
