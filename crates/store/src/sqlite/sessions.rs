use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kairos_domain::id::{SessionId, UserId};
use kairos_domain::store::{
    MOST_UNUSED_TOKENS, NewSession, PresentedToken, Rotation, RotationOutcome, Sessions, StoreError,
};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::error::{Fault, unless_parent_is_gone};
use super::{SqliteStore, legacy_tokens};
use crate::administration::{SessionRecord, TokenRecord};

#[async_trait]
impl Sessions for SqliteStore {
    async fn start_session(&self, session: &NewSession) -> Result<(), StoreError> {
        let session = SessionRecord::new(session);
        self.connections
            .write(move |db| insert(db, &session).map(drop))
            .await
    }

    async fn rotate_refresh_token(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError> {
        let rotation = rotation.clone();
        self.connections
            .write(move |db| match rotation.presented.session_id {
                Some(session_id) => rotate(db, session_id, &rotation),
                None => legacy_tokens::rotate(db, &rotation),
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
                    None => legacy_tokens::end(db, &token, user_id, now)?,
                };
                db.prepare_cached("DELETE FROM sessions WHERE id = ? AND user_id = ?")?
                    .execute(params![session_id, user_id.0.bytes()])?;
                Ok(())
            })
            .await
    }
}

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
        // The session has forgotten this token, so it was used.
        None => false,
        Some(None) => {
            db.prepare_cached("UPDATE refresh_tokens SET first_used_at = ? WHERE hash = ?")?
                .execute(params![
                    rotation.now.timestamp_millis(),
                    rotation.presented.hash.bytes()
                ])?;
            true
        }
        Some(Some(first_used_at)) => first_used_at >= rotation.end_of_grace().timestamp_millis(),
    };
    succeed(db, is_good, session_id, rotation)
}

/// Adds the successor of a good token, or ends the session of one that was used before.
pub(super) fn succeed(
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
    // A token whose grace is over ends the session in the same way as an unknown one, so it needs no row.
    db.prepare_cached(
        "DELETE FROM refresh_tokens WHERE session_id = ? AND (first_used_at < ? OR expires_at <= ?)",
    )?
    .execute(params![
        id,
        rotation.end_of_grace().timestamp_millis(),
        rotation.now.timestamp_millis()
    ])?;
    // With the successor there are `MOST_UNUSED_TOKENS`.
    db.prepare_cached(
        "DELETE FROM refresh_tokens WHERE hash IN
             (SELECT hash FROM refresh_tokens WHERE session_id = ? AND first_used_at IS NULL
              ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
    )?
    .execute(params![id, MOST_UNUSED_TOKENS as u64 - 1])?;
    let successor = TokenRecord::unused(rotation.successor, rotation.expires_at);
    add_token(db, session_id, &successor)?;
    db.prepare_cached("UPDATE sessions SET expires_at = ? WHERE id = ?")?
        .execute(params![rotation.expires_at.timestamp_millis(), id])?;
    Ok(RotationOutcome::Rotated)
}

pub(super) fn is_live(
    db: &Transaction<'_>,
    session_id: SessionId,
    rotation: &Rotation,
) -> Result<bool, Fault> {
    let mut query =
        db.prepare_cached("SELECT 1 FROM sessions WHERE id = ? AND user_id = ? AND expires_at > ?")?;
    Ok(query.exists(params![
        session_id.0.bytes(),
        rotation.user_id.0.bytes(),
        rotation.now.timestamp_millis()
    ])?)
}

/// Adds a session with its tokens. Returns `false` if the rider is gone.
pub(super) fn insert(db: &Transaction<'_>, session: &SessionRecord) -> Result<bool, Fault> {
    let inserted = db
        .prepare_cached("INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)")?
        .execute(params![
            session.id.0.bytes(),
            session.user_id.0.bytes(),
            session.created_at.timestamp_millis(),
            session.expires_at.timestamp_millis(),
        ]);
    let is_inserted = unless_parent_is_gone(inserted)?;
    if is_inserted {
        for token in &session.tokens {
            add_token(db, session.id, token)?;
        }
    }
    Ok(is_inserted)
}

fn add_token(db: &Transaction<'_>, session_id: SessionId, token: &TokenRecord) -> Result<(), Fault> {
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
