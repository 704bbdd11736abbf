use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kairos_domain::id::{ObjectId, SessionId, UserId};
use kairos_domain::journey::JourneyStatus;
use kairos_domain::store::StoreError;
use kairos_domain::token::TokenHash;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, params};

use super::error::Fault;
use super::{SqliteStore, journeys, markers, outbox, rows, sessions, tracks, users};
use crate::administration::{
    EarlierTokenRecord, Record, RecordKind, RecordPage, SessionRecord, TokenRecord, Transfer, UserRecord,
    WaitingMail,
};

/// Every session by its id, also those that are over and remembered for the token of the earlier service that began them.
const SESSION_IDS: &str = "SELECT id FROM sessions
     UNION ALL SELECT substr(hash, 1, 12) AS id FROM earlier_refresh_tokens WHERE session_id IS NULL";

#[async_trait]
impl Transfer for SqliteStore {
    async fn count_records(&self, kind: RecordKind) -> Result<u64, StoreError> {
        self.connections.read(move |db| count(db, kind)).await
    }

    async fn records_after(
        &self,
        kind: RecordKind,
        after: Option<ObjectId>,
        limit: u32,
    ) -> Result<RecordPage, StoreError> {
        self.connections
            .read(move |db| page(db, kind, after, limit))
            .await
    }

    async fn add_records(&self, records: &[Record]) -> Result<Vec<ObjectId>, StoreError> {
        let records = records.to_vec();
        self.connections
            .write(move |db| {
                let mut parentless = Vec::new();
                for record in &records {
                    if !is_there(db, record)? && !add(db, record)? {
                        parentless.push(record.id());
                    }
                }
                Ok(parentless)
            })
            .await
    }

    async fn record(&self, kind: RecordKind, id: ObjectId) -> Result<Option<Record>, StoreError> {
        self.connections
            .read(move |db| record(db, kind, id.bytes()))
            .await
    }

    async fn remove_rivals(&self, record: &Record) -> Result<Vec<ObjectId>, StoreError> {
        let record = record.clone();
        self.connections.write(move |db| remove_rivals(db, &record)).await
    }
}

pub(super) fn count(db: &Connection, kind: RecordKind) -> Result<u64, Fault> {
    let count = format!("SELECT count(*) FROM ({})", ids_of(kind));
    Ok(db.prepare_cached(&count)?.query_row([], |row| row.get(0))?)
}

fn ids_of(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Users => "SELECT id FROM users",
        RecordKind::Sessions => SESSION_IDS,
        RecordKind::Journeys => "SELECT id FROM journeys",
        RecordKind::Markers => "SELECT id FROM markers",
    }
}

fn page(db: &Connection, kind: RecordKind, after: Option<ObjectId>, limit: u32) -> Result<RecordPage, Fault> {
    let ids = format!(
        "SELECT id FROM ({}) WHERE id > ? ORDER BY id LIMIT ?",
        ids_of(kind)
    );
    let mut ids = db.prepare_cached(&ids)?;
    let after = after.unwrap_or(ObjectId::from_bytes([0; 12]));
    let ids = ids.query_map(params![after.bytes(), limit], |row| row.get(0))?;
    let ids: Vec<[u8; 12]> = ids.collect::<rusqlite::Result<_>>()?;
    let mut page = RecordPage {
        last: ids.last().copied().map(ObjectId::from_bytes),
        ..RecordPage::default()
    };
    for id in ids {
        match record(db, kind, id).map_err(StoreError::from) {
            Ok(record) => page.records.extend(record),
            Err(error @ StoreError::Corrupt { .. }) => page.unreadable.push(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(page)
}

fn record(db: &Connection, kind: RecordKind, id: [u8; 12]) -> Result<Option<Record>, Fault> {
    match kind {
        RecordKind::Users => one(db, "SELECT * FROM users WHERE id = ?", id, |row| {
            Ok(Record::User(UserRecord {
                user: rows::user(row)?,
                holds_its_address: row.get("email_key_is_unique")?,
                mails: mails_of(db, id)?,
            }))
        }),
        RecordKind::Sessions => session(db, id).map(|session| session.map(Record::Session)),
        RecordKind::Journeys => one(db, "SELECT * FROM journeys WHERE id = ?", id, |row| {
            rows::journey(row).map(Record::Journey)
        }),
        RecordKind::Markers => one(db, "SELECT * FROM markers WHERE id = ?", id, |row| {
            rows::marker(row).map(Record::Marker)
        }),
    }
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
    let mut mails = db.prepare_cached("SELECT * FROM outbox WHERE user_id = ? ORDER BY id")?;
    rows::all(mails.query([user_id])?, |row| {
        Ok(WaitingMail {
            due_at: instant(row, "due_at")?,
            mail: rows::mail(row)?,
        })
    })
}

/// A session, live or remembered for its earlier token.
fn session(db: &Connection, id: [u8; 12]) -> Result<Option<SessionRecord>, Fault> {
    let live = one(db, "SELECT * FROM sessions WHERE id = ?", id, |row| {
        Ok(SessionRecord {
            id: SessionId(ObjectId::from_bytes(id)),
            user_id: UserId(ObjectId::from_bytes(row.get("user_id")?)),
            created_at: instant(row, "created_at")?,
            expires_at: instant(row, "expires_at")?,
            tokens: tokens_of(db, id)?,
            earlier_token: one(
                db,
                "SELECT * FROM earlier_refresh_tokens WHERE session_id = ?",
                id,
                earlier_token,
            )?,
            has_ended: false,
        })
    })?;
    if live.is_some() {
        return Ok(live);
    }
    let remembered =
        "SELECT * FROM earlier_refresh_tokens WHERE session_id IS NULL AND substr(hash, 1, 12) = ?";
    one(db, remembered, id, |row| {
        let earlier = earlier_token(row)?;
        Ok(SessionRecord {
            id: SessionId(ObjectId::from_bytes(id)),
            user_id: UserId(ObjectId::from_bytes(row.get("user_id")?)),
            created_at: earlier.first_used_at,
            expires_at: earlier.expires_at,
            tokens: Vec::new(),
            earlier_token: Some(earlier),
            has_ended: true,
        })
    })
}

fn tokens_of(db: &Connection, session_id: [u8; 12]) -> Result<Vec<TokenRecord>, Fault> {
    let mut tokens = db.prepare_cached("SELECT * FROM refresh_tokens WHERE session_id = ? ORDER BY hash")?;
    rows::all(tokens.query([session_id])?, |row| {
        let first_used_at: Option<i64> = row.get("first_used_at")?;
        Ok(TokenRecord {
            hash: TokenHash::stored(row.get("hash")?),
            first_used_at: first_used_at.and_then(DateTime::from_timestamp_millis),
            expires_at: instant(row, "expires_at")?,
        })
    })
}

fn earlier_token(row: &Row<'_>) -> Result<EarlierTokenRecord, Fault> {
    Ok(EarlierTokenRecord {
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

fn is_there(db: &Connection, record: &Record) -> Result<bool, Fault> {
    let query = match record {
        Record::User(_) => "SELECT 1 FROM users WHERE id = ?",
        Record::Session(SessionRecord {
            has_ended: true,
            earlier_token: Some(earlier),
            ..
        }) => {
            let mut known = db.prepare_cached("SELECT 1 FROM earlier_refresh_tokens WHERE hash = ?")?;
            return Ok(known.exists([earlier.hash.bytes()])?);
        }
        Record::Session(_) => "SELECT 1 FROM sessions WHERE id = ?",
        Record::Journey(_) => "SELECT 1 FROM journeys WHERE id = ?",
        Record::Marker(_) => "SELECT 1 FROM markers WHERE id = ?",
    };
    Ok(db.prepare_cached(query)?.exists([record.id().bytes()])?)
}

/// Adds a record; says `false` if its parent is not there.
fn add(db: &Transaction<'_>, record: &Record) -> Result<bool, Fault> {
    match record {
        Record::User(record) => {
            users::insert(db, &record.user, record.holds_its_address)?;
            for waiting in &record.mails {
                outbox::insert(db, &waiting.mail, waiting.due_at)?;
            }
            Ok(true)
        }
        Record::Session(session) => add_session(db, session),
        Record::Journey(journey) => journeys::insert(db, journey),
        Record::Marker(marker) => {
            // Tracks are renewed when all of their markers are there.
            tracks::forget(db, marker.journey_id)?;
            markers::insert(db, marker)
        }
    }
}

fn remove_rivals(db: &Transaction<'_>, record: &Record) -> Result<Vec<ObjectId>, Fault> {
    let id = record.id();
    let (table, is_one, of) = match record {
        Record::User(record) if record.holds_its_address => (
            "users",
            "email_key = ? AND email_key_is_unique",
            Value::from(record.user.email.key().as_str().to_owned()),
        ),
        Record::Journey(journey) if journey.status == JourneyStatus::Active => (
            "journeys",
            "user_id = ? AND status = 'active'",
            Value::from(journey.user_id.0.bytes().to_vec()),
        ),
        _ => return Ok(Vec::new()),
    };
    let mut rivals = db.prepare(&format!(
        "DELETE FROM {table} WHERE {is_one} AND id <> ? RETURNING id"
    ))?;
    let rivals = rivals.query_map(params![of, id.bytes()], |row| row.get(0))?;
    let rivals: Vec<[u8; 12]> = rivals.collect::<rusqlite::Result<_>>()?;
    Ok(rivals.into_iter().map(ObjectId::from_bytes).collect())
}

fn add_session(db: &Transaction<'_>, session: &SessionRecord) -> Result<bool, Fault> {
    if !session.has_ended && !sessions::insert(db, session)? {
        return Ok(false);
    }
    for token in &session.tokens {
        sessions::add_token(db, session.id, token)?;
    }
    match &session.earlier_token {
        Some(earlier) => {
            let live = (!session.has_ended).then_some(session.id);
            sessions::remember_earlier_token(db, earlier, session.user_id, live)
        }
        None => Ok(true),
    }
}
