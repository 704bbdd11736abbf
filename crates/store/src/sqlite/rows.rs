//! Rows as domain types. What the schema can't rule out is checked here, so that a file somebody has edited gives a clear fault.

use std::fmt::Display;

use chrono::{DateTime, NaiveDate, Utc};
use kairos_domain::discovery::DatedMarker;
use kairos_domain::email_address::EmailAddress;
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MailId, MarkerId, ObjectId, UserId};
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::mail::{MailKind, OutboxMail};
use kairos_domain::marker::{Marker, MarkerDetails, MarkerKind};
use kairos_domain::password::PasswordHash;
use kairos_domain::store::StoreError;
use kairos_domain::text::{Name, ProfileLine, Prose};
use kairos_domain::user::{Contact, User};
use rusqlite::types::FromSql;
use rusqlite::{Row, Rows};

use super::error::Fault;

/// How [`JourneyStatus`] is written.
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
        email: EmailAddress::stored(row.get("email")?),
        is_verified: row.get("is_verified")?,
        name: Name::stored(row.get("name")?),
        contact: Contact {
            phonenumber: line("phonenumber")?,
            instagram: line("instagram")?,
            country: line("country")?,
        },
        password: PasswordHash::stored(row.get("password")?),
        credential_version: row.get("credential_version")?,
    })
}

pub(super) fn journey(row: &Row<'_>) -> Result<Journey, Fault> {
    let row = Columns::of("journey", row)?;
    Ok(Journey {
        id: JourneyId(row.id),
        user_id: UserId(row.object_id("user_id")?),
        name: Name::stored(row.get("name")?),
        description: Prose::stored(row.get("description")?),
        created_at: row.instant("created_at")?,
        status: row.word("status", &STATUSES)?,
        visibility: row.word("visibility", &Visibility::ALL)?,
    })
}

pub(super) fn marker(row: &Row<'_>) -> Result<Marker, Fault> {
    let row = Columns::of("marker", row)?;
    let position = Position::new(row.get("longitude")?, row.get("latitude")?, row.get("elevation")?)
        .map_err(|problem| row.corrupt(problem))?;
    Ok(Marker {
        id: MarkerId(row.id),
        journey_id: JourneyId(row.object_id("journey_id")?),
        owner_id: UserId(row.object_id("owner_id")?),
        created_at: row.instant("created_at")?,
        details: MarkerDetails {
            name: Name::stored(row.get("name")?),
            notes: Prose::stored(row.get("notes")?),
            kind: row.word("kind", &MarkerKind::ALL)?,
            position,
            timestamp: row.date("timestamp")?,
            estimated_time: row.date("estimated_time")?,
        },
    })
}

/// A marker with a day, of which only what tracks need was read.
pub(super) fn dated_marker(row: &Row<'_>) -> Result<DatedMarker, Fault> {
    let row = Columns::of("marker", row)?;
    let position = Position::new(row.get("longitude")?, row.get("latitude")?, row.get("elevation")?)
        .map_err(|problem| row.corrupt(problem))?;
    Ok(DatedMarker {
        id: MarkerId(row.id),
        created_at: row.instant("created_at")?,
        kind: row.word("kind", &MarkerKind::ALL)?,
        date: row
            .date("riding_day")?
            .ok_or_else(|| row.corrupt("it has no day"))?,
        position,
    })
}

pub(super) fn mail(row: &Row<'_>) -> Result<OutboxMail, Fault> {
    let row = Columns::of("mail", row)?;
    Ok(OutboxMail {
        id: MailId(row.id),
        user_id: UserId(row.object_id("user_id")?),
        to: EmailAddress::stored(row.get("recipient")?),
        kind: row.word("kind", &MailKind::ALL)?,
        created_at: row.instant("created_at")?,
        attempts: row.get("attempts")?,
    })
}

/// Reads the first row, if there is one.
pub(super) fn first<T>(
    mut rows: Rows<'_>,
    read: impl Fn(&Row<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    rows.next()?.map(read).transpose()
}

/// Reads all rows.
pub(super) fn all<T>(
    mut rows: Rows<'_>,
    read: impl Fn(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// A status as the schema writes it.
pub(super) fn status(status: JourneyStatus) -> &'static str {
    match status {
        JourneyStatus::Inactive => "inactive",
        JourneyStatus::Active => "active",
        JourneyStatus::Completed => "completed",
    }
}

/// A date as the schema writes it; years 0 to 9999 sort as text.
pub(super) fn date(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

/// The columns of a row with an id, which a fault names.
struct Columns<'a> {
    what: &'static str,
    id: ObjectId,
    row: &'a Row<'a>,
}

impl<'a> Columns<'a> {
    fn of(what: &'static str, row: &'a Row<'_>) -> Result<Self, Fault> {
        let id = ObjectId::from_bytes(row.get("id")?);
        Ok(Self { what, id, row })
    }

    fn corrupt(&self, problem: impl Display) -> Fault {
        Fault::from(StoreError::Corrupt {
            what: self.what,
            id: self.id.to_string(),
            problem: problem.to_string(),
        })
    }

    fn get<T: FromSql>(&self, column: &str) -> Result<T, Fault> {
        self.row
            .get(column)
            .map_err(|error| self.corrupt(format_args!("{column}: {error}")))
    }

    fn object_id(&self, column: &str) -> Result<ObjectId, Fault> {
        self.get(column).map(ObjectId::from_bytes)
    }

    fn instant(&self, column: &str) -> Result<DateTime<Utc>, Fault> {
        DateTime::from_timestamp_millis(self.get(column)?)
            .ok_or_else(|| self.corrupt(format_args!("{column}: not an instant")))
    }

    fn date(&self, column: &str) -> Result<Option<NaiveDate>, Fault> {
        self.text(column)?
            .map(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d"))
            .transpose()
            .map_err(|problem| self.corrupt(format_args!("{column}: {problem}")))
    }

    fn word<T: Copy>(&self, column: &str, words: &[(&str, T)]) -> Result<T, Fault> {
        let found = self.text(column)?.unwrap_or_default();
        words
            .iter()
            .find(|(word, _)| *word == found)
            .map(|(_, value)| *value)
            .ok_or_else(|| self.corrupt(format_args!("{column}: {found:?}")))
    }

    /// A text, where it lies: searches read thousands of them.
    fn text(&self, column: &str) -> Result<Option<&str>, Fault> {
        let value = self.row.get_ref(column)?;
        value
            .as_str_or_null()
            .map_err(|error| self.corrupt(format_args!("{column}: {error}")))
    }
}
