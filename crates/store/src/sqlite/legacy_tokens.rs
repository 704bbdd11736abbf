// Remove after 2027-06-30: refresh tokens of the earlier service, which name no session, have expired by
// then.

use chrono::{DateTime, Utc};
use kairos_domain::id::{ObjectId, SessionId, UserId};
use kairos_domain::store::{PresentedToken, Rotation, RotationOutcome};
use kairos_domain::token::TokenHash;
use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::error::{Fault, unless_parent_is_gone};
use super::sessions::insert;
use crate::administration::{LegacyTokenRecord, SessionRecord};

/// Starts a session with a token that was never presented before.
pub(super) fn begin(db: &Transaction<'_>, rotation: &Rotation) -> Result<RotationOutcome, Fault> {
    if !insert(db, &SessionRecord::of_legacy_token(rotation))? {
        return Ok(RotationOutcome::Refused);
    }
    let record = LegacyTokenRecord::first_used(&rotation.presented, rotation.now);
    remember(db, &record, rotation.user_id, Some(rotation.session_id))?;
    Ok(RotationOutcome::Rotated)
}

/// Returns the session that a token started. A token that has started none can no longer start one.
pub(super) fn end(
    db: &Transaction<'_>,
    token: &PresentedToken,
    user_id: UserId,
    now: DateTime<Utc>,
) -> Result<Option<SessionId>, Fault> {
    let seen = session_of(db, token.hash)?;
    if seen.is_none() {
        remember(db, &LegacyTokenRecord::first_used(token, now), user_id, None)?;
    }
    Ok(seen.flatten())
}

/// Returns the live session that a token started; the outer `None` if the token was never presented.
#[expect(clippy::option_option, reason = "never seen, over, live")]
pub(super) fn session_of(db: &Transaction<'_>, token: TokenHash) -> Result<Option<Option<SessionId>>, Fault> {
    let seen: Option<Option<[u8; 12]>> = db
        .prepare_cached("SELECT session_id FROM legacy_refresh_tokens WHERE hash = ?")?
        .query_row([token.bytes()], |row| row.get(0))
        .optional()?;
    Ok(seen.map(|id| id.map(|id| SessionId(ObjectId::from_bytes(id)))))
}

/// Stores which session a token has started. With `None`, the token can start none. Returns `false` if the
/// rider is gone.
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
