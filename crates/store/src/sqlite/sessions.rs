use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kairos_domain::id::{SessionId, UserId};
use kairos_domain::store::{NewSession, PresentedToken, Rotation, RotationOutcome, Sessions, StoreError};
use kairos_domain::token::TokenHash;
use rusqlite::{Transaction, params};

use super::error::{Fault, unless_parent_is_gone};
use super::{SqliteStore, legacy_tokens, records};
use crate::administration::{SessionRecord, TokenRecord};
use crate::refresh_tokens;

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
        self.connections.write(move |db| rotate(db, &rotation)).await
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
                    Some(session_id) => Some(session_id),
                    None => legacy_tokens::end(db, &token, user_id, now)?,
                };
                db.prepare_cached("DELETE FROM sessions WHERE id = ? AND user_id = ?")?
                    .execute(params![session_id.map(|id| id.0.bytes()), user_id.0.bytes()])?;
                Ok(())
            })
            .await
    }
}

fn rotate(db: &Transaction<'_>, rotation: &Rotation) -> Result<RotationOutcome, Fault> {
    let session = match rotation.presented.session_id {
        Some(session_id) => records::session(db, session_id)?,
        None => match legacy_tokens::session_of(db, rotation.presented.hash)? {
            Some(began) if began == Some(rotation.session_id) => records::session(db, rotation.session_id)?,
            Some(_) => None,
            None => return legacy_tokens::begin(db, rotation),
        },
    };
    let Some(mut session) = session.filter(|session| is_live(session, rotation)) else {
        return Ok(RotationOutcome::Refused);
    };
    let id = session.id.0.bytes();
    if !refresh_tokens::rotate(&mut session, rotation) {
        db.prepare_cached("DELETE FROM sessions WHERE id = ?")?
            .execute([id])?;
        return Ok(RotationOutcome::Refused);
    }
    db.prepare_cached("UPDATE sessions SET expires_at = ? WHERE id = ?")?
        .execute(params![session.expires_at.timestamp_millis(), id])?;
    db.prepare_cached("DELETE FROM refresh_tokens WHERE session_id = ?")?
        .execute([id])?;
    for token in &session.tokens {
        add_token(db, session.id, token)?;
    }
    Ok(RotationOutcome::Rotated)
}

fn is_live(session: &SessionRecord, rotation: &Rotation) -> bool {
    !session.has_ended && session.user_id == rotation.user_id && session.expires_at > rotation.now
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
        "INSERT INTO refresh_tokens (hash, session_id, predecessor, first_used_at, expires_at) VALUES (?, ?, ?, ?, ?)",
    )?
    .execute(params![
        token.hash.bytes(),
        session_id.0.bytes(),
        token.predecessor.map(TokenHash::bytes),
        token.first_used_at.map(|used| used.timestamp_millis()),
        token.expires_at.timestamp_millis(),
    ])?;
    Ok(())
}
