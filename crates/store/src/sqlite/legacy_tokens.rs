// Remove after 2027-06-30: refresh tokens of the earlier service, which name no session, have expired by
// then.

use chrono::{DateTime, Utc};
use kairos_domain::id::{SessionId, UserId};
use kairos_domain::store::{PresentedToken, Rotation, RotationOutcome};
use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::error::{Fault, unless_parent_is_gone};
use super::sessions::{insert, is_live, succeed};
use crate::administration::{LegacyTokenRecord, SessionRecord};

pub(super) fn rotate(db: &Transaction<'_>, rotation: &Rotation) -> Result<RotationOutcome, Fault> {
    let hash = rotation.presented.hash.bytes();
    let seen: Option<(Option<[u8; 12]>, i64)> = db
        .prepare_cached("SELECT session_id, first_used_at FROM legacy_refresh_tokens WHERE hash = ?")?
        .query_row([hash], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match seen {
        None => begin(db, rotation),
        Some((Some(session_id), first_used_at))
            if session_id == rotation.session_id.0.bytes() && is_live(db, rotation.session_id, rotation)? =>
        {
            let is_good = first_used_at >= rotation.end_of_grace().timestamp_millis();
            succeed(db, is_good, rotation.session_id, rotation)
        }
        Some(_) => Ok(RotationOutcome::Refused),
    }
}

/// Begins a session with a token that was never seen.
fn begin(db: &Transaction<'_>, rotation: &Rotation) -> Result<RotationOutcome, Fault> {
    if !insert(db, &SessionRecord::of_legacy_token(rotation))? {
        return Ok(RotationOutcome::Refused);
    }
    let record = LegacyTokenRecord::first_used(&rotation.presented, rotation.now);
    remember(db, &record, rotation.user_id, Some(rotation.session_id))?;
    Ok(RotationOutcome::Rotated)
}

/// Returns the session that a token began. A token that began none can't begin one any more.
pub(super) fn end(
    db: &Transaction<'_>,
    token: &PresentedToken,
    user_id: UserId,
    now: DateTime<Utc>,
) -> Result<Option<[u8; 12]>, Fault> {
    let seen: Option<Option<[u8; 12]>> = db
        .prepare_cached("SELECT session_id FROM legacy_refresh_tokens WHERE hash = ?")?
        .query_row([token.hash.bytes()], |row| row.get(0))
        .optional()?;
    if seen.is_none() {
        remember(db, &LegacyTokenRecord::first_used(token, now), user_id, None)?;
    }
    Ok(seen.flatten())
}

/// Remembers which session a token began (`None`: it can begin none). Returns `false` if the rider is gone.
pub(super) fn remember(
    db: &Transaction<'_>,
    token: &LegacyTokenRecord,
    user_id: UserId,
    session_id: Option<SessionId>,
) -> Result<bool, Fault> {
    let inserted = db
        .prepare_cached(
            "INSERT INTO legacy_refresh_tokens (hash, user_id, session_id, first_used_at, expires_at)
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
