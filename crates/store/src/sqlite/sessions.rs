use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kairos_domain::id::{SessionId, UserId};
use kairos_domain::store::{
    MOST_UNUSED_TOKENS, NewSession, PresentedToken, Rotation, RotationOutcome, Sessions, StoreError,
};
use kairos_domain::token::TokenHash;
use rusqlite::{OptionalExtension, Transaction, named_params, params};

use super::SqliteStore;
use super::error::{Fault, unless_parent_is_gone};
use crate::administration::{EarlierTokenRecord, SessionRecord, TokenRecord};

#[async_trait]
impl Sessions for SqliteStore {
    async fn start_session(&self, session: &NewSession) -> Result<(), StoreError> {
        let session = session.clone();
        self.connections
            .write(move |db| begin(db, &session).map(drop))
            .await
    }

    async fn rotate_refresh_token(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError> {
        let rotation = rotation.clone();
        self.connections
            .write(move |db| match rotation.presented.session_id {
                Some(session_id) => rotate(db, session_id, &rotation),
                None => rotate_earlier(db, &rotation),
            })
            .await
    }

    async fn end_session(
        &self,
        token: &PresentedToken,
        user_id: UserId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let token = token.clone();
        self.connections
            .write(move |db| {
                let session_id = match token.session_id {
                    Some(session_id) => Some(session_id.0.bytes()),
                    None => end_of_earlier_token(db, &token, user_id, now)?,
                };
                db.prepare_cached("DELETE FROM sessions WHERE id = ? AND user_id = ?")?
                    .execute(params![session_id, user_id.0.bytes()])?;
                Ok(())
            })
            .await
    }

    async fn purge_expired_sessions(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.connections
            .write(move |db| {
                let now = now.timestamp_millis();
                let purged = db
                    .prepare_cached("DELETE FROM sessions WHERE expires_at < ?")?
                    .execute([now])?;
                db.prepare_cached("DELETE FROM earlier_refresh_tokens WHERE expires_at < ?")?
                    .execute([now])?;
                Ok(purged as u64)
            })
            .await
    }
}

/// Trades a token that names its session.
fn rotate(
    db: &Transaction<'_>,
    session_id: SessionId,
    rotation: &Rotation,
) -> Result<RotationOutcome, Fault> {
    if !is_live(db, session_id, rotation)? {
        return Ok(RotationOutcome::Refused);
    }
    let first_used_at: Option<Option<i64>> = db
        .prepare_cached("SELECT first_used_at FROM refresh_tokens WHERE hash = ? AND session_id = ?")?
        .query_row(
            params![rotation.presented.hash.bytes(), session_id.0.bytes()],
            |row| row.get(0),
        )
        .optional()?;
    let is_good = match first_used_at {
        // Used, and forgotten since: below.
        None => false,
        Some(None) => {
            db.prepare_cached("UPDATE refresh_tokens SET first_used_at = ? WHERE hash = ?")?
                .execute(params![
                    rotation.now.timestamp_millis(),
                    rotation.presented.hash.bytes()
                ])?;
            true
        }
        Some(Some(first_used_at)) => first_used_at >= end_of_grace(rotation),
    };
    succeed(db, is_good, session_id, rotation)
}

/// Trades a token of the earlier service, which names no session.
fn rotate_earlier(db: &Transaction<'_>, rotation: &Rotation) -> Result<RotationOutcome, Fault> {
    let hash = rotation.presented.hash.bytes();
    let seen: Option<(Option<[u8; 12]>, i64)> = db
        .prepare_cached("SELECT session_id, first_used_at FROM earlier_refresh_tokens WHERE hash = ?")?
        .query_row([hash], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match seen {
        None => adopt(db, rotation),
        Some((Some(session_id), first_used_at))
            if session_id == rotation.session_id.0.bytes() && is_live(db, rotation.session_id, rotation)? =>
        {
            let is_good = first_used_at >= end_of_grace(rotation);
            succeed(db, is_good, rotation.session_id, rotation)
        }
        Some(_) => Ok(RotationOutcome::Refused),
    }
}

/// Begins a session with a token of the earlier service that was never seen.
fn adopt(db: &Transaction<'_>, rotation: &Rotation) -> Result<RotationOutcome, Fault> {
    let session = NewSession {
        id: rotation.session_id,
        user_id: rotation.user_id,
        token: rotation.successor,
        created_at: rotation.now,
        expires_at: rotation.expires_at,
    };
    if !begin(db, &session)? {
        return Ok(RotationOutcome::Refused);
    }
    let earlier = earlier_token(&rotation.presented, rotation.now);
    remember_earlier_token(db, &earlier, rotation.user_id, Some(rotation.session_id))?;
    Ok(RotationOutcome::Rotated)
}

/// Adds the successor of a good token, or ends the session of one that was used before.
fn succeed(
    db: &Transaction<'_>,
    is_good: bool,
    session_id: SessionId,
    rotation: &Rotation,
) -> Result<RotationOutcome, Fault> {
    let id = session_id.0.bytes();
    if !is_good {
        db.prepare_cached("DELETE FROM sessions WHERE id = ?")?
            .execute([id])?;
        return Ok(RotationOutcome::Refused);
    }
    // A token whose grace is over and one that the session doesn't know end the session alike: it needs no row.
    db.prepare_cached(
        "DELETE FROM refresh_tokens WHERE session_id = ? AND (first_used_at < ? OR expires_at <= ?)",
    )?
    .execute(params![
        id,
        end_of_grace(rotation),
        rotation.now.timestamp_millis()
    ])?;
    // As many as leave room for one.
    db.prepare_cached(
        "DELETE FROM refresh_tokens WHERE hash IN
             (SELECT hash FROM refresh_tokens WHERE session_id = ? AND first_used_at IS NULL
              ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
    )?
    .execute(params![id, MOST_UNUSED_TOKENS as u64 - 1])?;
    add_token(db, session_id, &unused(rotation.successor, rotation.expires_at))?;
    db.prepare_cached("UPDATE sessions SET expires_at = ? WHERE id = ?")?
        .execute(params![rotation.expires_at.timestamp_millis(), id])?;
    Ok(RotationOutcome::Rotated)
}

/// The earliest first use that still yields a successor now.
fn end_of_grace(rotation: &Rotation) -> i64 {
    (rotation.now - rotation.grace).timestamp_millis()
}

fn is_live(db: &Transaction<'_>, session_id: SessionId, rotation: &Rotation) -> Result<bool, Fault> {
    let mut query =
        db.prepare_cached("SELECT 1 FROM sessions WHERE id = ? AND user_id = ? AND expires_at > ?")?;
    Ok(query.exists(params![
        session_id.0.bytes(),
        rotation.user_id.0.bytes(),
        rotation.now.timestamp_millis()
    ])?)
}

/// Begins a session with one unused token; says `false` if its rider is gone.
fn begin(db: &Transaction<'_>, session: &NewSession) -> Result<bool, Fault> {
    let token = unused(session.token, session.expires_at);
    let session = SessionRecord {
        id: session.id,
        user_id: session.user_id,
        created_at: session.created_at,
        expires_at: session.expires_at,
        tokens: Vec::new(),
        earlier_token: None,
        has_ended: false,
    };
    let is_begun = insert(db, &session)?;
    if is_begun {
        add_token(db, session.id, &token)?;
    }
    Ok(is_begun)
}

/// Adds a session without its tokens; says `false` if its rider is gone.
pub(super) fn insert(db: &Transaction<'_>, session: &SessionRecord) -> Result<bool, Fault> {
    let inserted = db
        .prepare_cached("INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)")?
        .execute(params![
            session.id.0.bytes(),
            session.user_id.0.bytes(),
            session.created_at.timestamp_millis(),
            session.expires_at.timestamp_millis(),
        ]);
    unless_parent_is_gone(inserted)
}

pub(super) fn add_token(
    db: &Transaction<'_>,
    session_id: SessionId,
    token: &TokenRecord,
) -> Result<(), Fault> {
    db.prepare_cached(
        "INSERT INTO refresh_tokens (hash, session_id, first_used_at, expires_at) VALUES (?, ?, ?, ?)",
    )?
    .execute(params![
        token.hash.bytes(),
        session_id.0.bytes(),
        token.first_used_at.map(|used| used.timestamp_millis()),
        token.expires_at.timestamp_millis(),
    ])?;
    Ok(())
}

const fn unused(hash: TokenHash, expires_at: DateTime<Utc>) -> TokenRecord {
    TokenRecord {
        hash,
        first_used_at: None,
        expires_at,
    }
}

/// The session that a token of the earlier service began; if it began none, it can't any more.
fn end_of_earlier_token(
    db: &Transaction<'_>,
    token: &PresentedToken,
    user_id: UserId,
    now: DateTime<Utc>,
) -> Result<Option<[u8; 12]>, Fault> {
    let seen: Option<Option<[u8; 12]>> = db
        .prepare_cached("SELECT session_id FROM earlier_refresh_tokens WHERE hash = ?")?
        .query_row([token.hash.bytes()], |row| row.get(0))
        .optional()?;
    if seen.is_none() {
        remember_earlier_token(db, &earlier_token(token, now), user_id, None)?;
    }
    Ok(seen.flatten())
}

const fn earlier_token(token: &PresentedToken, first_used_at: DateTime<Utc>) -> EarlierTokenRecord {
    EarlierTokenRecord {
        hash: token.hash,
        first_used_at,
        expires_at: token.expires_at,
    }
}

/// Remembers which session a token of the earlier service began, or that it can begin none; says `false` if its rider is gone, whose token
/// can't begin one anyway.
pub(super) fn remember_earlier_token(
    db: &Transaction<'_>,
    token: &EarlierTokenRecord,
    user_id: UserId,
    session_id: Option<SessionId>,
) -> Result<bool, Fault> {
    let inserted = db
        .prepare_cached(
            "INSERT INTO earlier_refresh_tokens (hash, user_id, session_id, first_used_at, expires_at)
             VALUES (:hash, :user_id, :session_id, :first_used_at, :expires_at)",
        )?
        .execute(named_params! {
            ":hash": token.hash.bytes(),
            ":user_id": user_id.0.bytes(),
            ":session_id": session_id.map(|id| id.0.bytes()),
            ":first_used_at": token.first_used_at.timestamp_millis(),
            ":expires_at": token.expires_at.timestamp_millis(),
        });
    unless_parent_is_gone(inserted)
}
