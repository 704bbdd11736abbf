//! Reading records, for operators who copy a store.

mod adding;

use chrono::{DateTime, Utc};
use kairos_domain::id::{JourneyId, ObjectId, SessionId, UserId};
use kairos_domain::line::LineKind;
use kairos_domain::store::StoreError;
use kairos_domain::token::TokenHash;
use rusqlite::{Connection, Row, params};

pub(super) use adding::add_all;

use super::error::Fault;
use super::{journeys, line_figures, rows, schedules};
use crate::administration::{
    LegacyTokenRecord, LineRecord, Record, RecordCursor, RecordKind, RecordPage, ScheduleRecord,
    SessionRecord, TokenRecord, UserRecord, WaitingMail,
};

/// Selects the ids of all sessions, including ended ones kept for a token of the earlier service.
const SESSION_IDS: &str = "SELECT id FROM sessions
     UNION ALL SELECT substr(hash, 1, 12) AS id FROM legacy_refresh_tokens WHERE session_id IS NULL";

/// The journeys with a route.
macro_rules! route_ids {
    () => {
        "SELECT journey_id AS id FROM lines WHERE kind = 0 AND journey_id IN (SELECT id FROM journeys)"
    };
}

/// The journeys with a track.
macro_rules! track_ids {
    () => {
        "SELECT journey_id AS id FROM lines WHERE kind = 1 AND journey_id IN (SELECT id FROM journeys)"
    };
}

/// The journeys with a schedule.
macro_rules! schedule_ids {
    () => {
        "SELECT journey_id AS id FROM schedules WHERE journey_id IN (SELECT id FROM journeys)"
    };
}

pub(super) fn count(db: &Connection, kind: RecordKind) -> Result<u64, Fault> {
    let count = match kind {
        RecordKind::Users => "SELECT count(*) FROM users",
        RecordKind::Sessions => {
            "SELECT (SELECT count(*) FROM sessions)
                 + (SELECT count(*) FROM legacy_refresh_tokens WHERE session_id IS NULL)"
        }
        RecordKind::Journeys => "SELECT count(*) FROM journeys",
        RecordKind::Markers => {
            "SELECT (SELECT count(*) FROM markers)
                 - (SELECT count(*) FROM markers WHERE journey_id IN (SELECT journey_id FROM deletions))"
        }
        RecordKind::Routes => concat!("SELECT count(*) FROM (", route_ids!(), ")"),
        RecordKind::Tracks => concat!("SELECT count(*) FROM (", track_ids!(), ")"),
        RecordKind::Schedules => concat!("SELECT count(*) FROM (", schedule_ids!(), ")"),
    };
    Ok(db.query_row(count, [], |row| row.get(0))?)
}

/// Returns the next records of a kind.
pub(super) fn page(
    db: &Connection,
    kind: RecordKind,
    after: Option<RecordCursor>,
    limit: u32,
) -> Result<RecordPage, Fault> {
    let mut page = RecordPage::default();
    for cursor in cursors(db, kind, after, limit)? {
        if page.is_full() {
            break;
        }
        page.last = Some(cursor);
        match record(db, kind, cursor.id.bytes()).map_err(StoreError::from) {
            Ok(record) => page.records.extend(record),
            Err(error @ StoreError::Corrupt { .. }) => page.unreadable.push(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(page)
}

fn cursors(
    db: &Connection,
    kind: RecordKind,
    after: Option<RecordCursor>,
    limit: u32,
) -> Result<Vec<RecordCursor>, Fault> {
    let ids = match kind {
        RecordKind::Users => "SELECT id FROM users",
        RecordKind::Sessions => SESSION_IDS,
        RecordKind::Journeys => "SELECT id FROM journeys",
        RecordKind::Markers => return marker_cursors(db, after, limit),
        RecordKind::Routes => route_ids!(),
        RecordKind::Tracks => track_ids!(),
        RecordKind::Schedules => schedule_ids!(),
    };
    let ids = format!("SELECT id FROM ({ids}) WHERE id > ? ORDER BY id LIMIT ?");
    let mut ids = db.prepare_cached(&ids)?;
    let after = after.map_or([0; 12], |after| after.id.bytes());
    rows::all(ids.query(params![after, limit])?, |row| {
        Ok(RecordCursor {
            journey_id: None,
            id: rows::id(row, 0)?,
        })
    })
}

/// Returns the next markers, journey by journey: no index is ordered by journey and id.
fn marker_cursors(
    db: &Connection,
    after: Option<RecordCursor>,
    limit: u32,
) -> Result<Vec<RecordCursor>, Fault> {
    let (first, mut after) = match after {
        Some(after) => (
            after.journey_id.map_or([0; 12], ObjectId::bytes),
            after.id.bytes(),
        ),
        None => ([0; 12], [0; 12]),
    };
    let mut journeys = db.prepare_cached("SELECT id FROM journeys WHERE id >= ? ORDER BY id")?;
    let mut markers = db.prepare_cached(
        "SELECT id FROM markers INDEXED BY markers_in_riding_order WHERE journey_id = ? AND id > ? ORDER BY id LIMIT ?",
    )?;
    let mut journeys = journeys.query([first])?;
    let mut cursors = Vec::new();
    while cursors.len() < limit as usize
        && let Some(row) = journeys.next()?
    {
        let journey_id = rows::id(row, 0)?;
        if journey_id.bytes() != first {
            after = [0; 12];
        }
        let room = limit as usize - cursors.len();
        let ids = markers.query(params![journey_id.bytes(), after, room])?;
        cursors.extend(rows::all(ids, |row| {
            Ok(RecordCursor {
                journey_id: Some(journey_id),
                id: rows::id(row, 0)?,
            })
        })?);
    }
    Ok(cursors)
}

fn record(db: &Connection, kind: RecordKind, id: [u8; 12]) -> Result<Option<Record>, Fault> {
    let journey_id = JourneyId(ObjectId::from_bytes(id));
    match kind {
        RecordKind::Users => {
            let query = concat!(
                "SELECT ",
                rows::user_columns!(),
                ", email_key_is_unique FROM users WHERE id = ?"
            );
            one(db, query, id, |row| {
                Ok(Record::User(UserRecord {
                    user: rows::user(row)?,
                    holds_its_address: row.get("email_key_is_unique")?,
                    mails: mails_of(db, id)?,
                }))
            })
        }
        RecordKind::Sessions => {
            let session = session(db, SessionId(ObjectId::from_bytes(id)))?;
            Ok(session.map(Record::Session))
        }
        RecordKind::Journeys => {
            let journey = journeys::find(db, journey_id)?;
            Ok(journey.map(Record::Journey))
        }
        RecordKind::Markers => {
            let query = concat!("SELECT ", rows::marker_columns!(), " FROM markers WHERE id = ?");
            one(db, query, id, |row| rows::marker(row).map(Record::Marker))
        }
        RecordKind::Routes => line(db, journey_id, LineKind::Route).map(Some),
        RecordKind::Tracks => line(db, journey_id, LineKind::Track).map(Some),
        RecordKind::Schedules => {
            let schedule = schedules::of_journey(db, journey_id)?;
            Ok(schedule.map(|schedule| Record::Schedule(ScheduleRecord { journey_id, schedule })))
        }
    }
}

fn line(db: &Connection, journey_id: JourneyId, kind: LineKind) -> Result<Record, Fault> {
    let line = line_figures::decoded(db, journey_id, kind)?;
    Ok(Record::Line(LineRecord {
        journey_id,
        kind,
        line,
    }))
}

fn one<T>(
    db: &Connection,
    query: &str,
    id: [u8; 12],
    read: impl Fn(&Row<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    rows::first(db.prepare_cached(query)?.query([id])?, read)
}

fn mails_of(db: &Connection, user_id: [u8; 12]) -> Result<Vec<WaitingMail>, Fault> {
    let mut mails = db.prepare_cached(concat!(
        "SELECT ",
        rows::mail_columns!(),
        ", due_at FROM outbox WHERE user_id = ? ORDER BY id"
    ))?;
    rows::all(mails.query([user_id])?, |row| {
        Ok(WaitingMail {
            due_at: instant(row, "due_at")?,
            mail: rows::mail(row)?,
        })
    })
}

/// Returns a session, live or kept for a token of the earlier service.
pub(super) fn session(db: &Connection, session_id: SessionId) -> Result<Option<SessionRecord>, Fault> {
    let id = session_id.0.bytes();
    let live = one(db, "SELECT * FROM sessions WHERE id = ?", id, |row| {
        Ok(SessionRecord {
            id: session_id,
            user_id: UserId(ObjectId::from_bytes(row.get("user_id")?)),
            created_at: instant(row, "created_at")?,
            expires_at: instant(row, "expires_at")?,
            tokens: tokens_of(db, id)?,
            legacy_token: one(
                db,
                "SELECT * FROM legacy_refresh_tokens WHERE session_id = ?",
                id,
                legacy_token,
            )?,
            has_ended: false,
        })
    })?;
    if live.is_some() {
        return Ok(live);
    }
    let remembered =
        "SELECT * FROM legacy_refresh_tokens WHERE session_id IS NULL AND substr(hash, 1, 12) = ?";
    one(db, remembered, id, |row| {
        let earlier = legacy_token(row)?;
        Ok(SessionRecord {
            id: session_id,
            user_id: UserId(ObjectId::from_bytes(row.get("user_id")?)),
            created_at: earlier.first_used_at,
            expires_at: earlier.expires_at,
            tokens: Vec::new(),
            legacy_token: Some(earlier),
            has_ended: true,
        })
    })
}

fn tokens_of(db: &Connection, session_id: [u8; 12]) -> Result<Vec<TokenRecord>, Fault> {
    let mut tokens = db.prepare_cached("SELECT * FROM refresh_tokens WHERE session_id = ? ORDER BY hash")?;
    rows::all(tokens.query([session_id])?, |row| {
        let first_used_at: Option<i64> = row.get("first_used_at")?;
        let predecessor: Option<[u8; 32]> = row.get("predecessor")?;
        Ok(TokenRecord {
            hash: TokenHash::stored(row.get("hash")?),
            predecessor: predecessor.map(TokenHash::stored),
            first_used_at: first_used_at.and_then(DateTime::from_timestamp_millis),
            expires_at: instant(row, "expires_at")?,
        })
    })
}

fn legacy_token(row: &Row<'_>) -> Result<LegacyTokenRecord, Fault> {
    Ok(LegacyTokenRecord {
        hash: TokenHash::stored(row.get("hash")?),
        first_used_at: instant(row, "first_used_at")?,
        expires_at: instant(row, "expires_at")?,
    })
}

fn instant(row: &Row<'_>, column: &str) -> Result<DateTime<Utc>, Fault> {
    let millis = row.get(column)?;
    let beyond = || StoreError::Failed(format!("{column} is not an instant").into());
    Ok(DateTime::from_timestamp_millis(millis).ok_or_else(beyond)?)
}
