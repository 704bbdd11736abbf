use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::StoreError;
use crate::id::{SessionId, UserId};
use crate::token::TokenHash;

/// How many unused refresh tokens a session keeps. Lost answers leave some behind, and nobody needs so many; but whoever uses one token over
/// and over within its grace could have any number made.
pub const MOST_UNUSED_TOKENS: usize = 256;

/// Signed-in sessions. A session is the family of refresh tokens that descend from one log-in; its live tokens are kept as
/// hashes.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Begins a session with one unused token. For a rider who is gone nothing begins.
    async fn start_session(&self, session: &NewSession) -> Result<(), StoreError>;

    /// Trades a refresh token for its successor.
    ///
    /// - An unused token of a live session becomes a used one, and the successor is added: `Rotated`.
    /// - A token whose first use was not longer ago than `grace` yields another successor: `Rotated`. Its first use stays
    ///   where it was.
    /// - A token used longer ago of whose successors none was used yields another successor, which is then the only
    ///   one; the session forgets those before: `Rotated`.
    /// - A token used longer ago of whose successors one was used, or one that the session does not know (it was used
    ///   and forgotten), ends the session with all its tokens: `Refused`.
    /// - A token of a session that has ended, has expired or never existed: `Refused`.
    /// - A token of the earlier service that was never seen begins a session in which it counts as used
    ///   `now`: `Rotated`. From then on it is a used one like any other, and after the session's end it stays
    ///   `Refused` for as long as it would have been good.
    ///
    /// A session forgets tokens that have ended, and, beyond [`MOST_UNUSED_TOKENS`], those unused ones that end first.
    ///
    /// `Rotated` moves the session's end to `expires_at`. Of many calls at once with one token, all are
    /// decided as if one came after the other.
    async fn rotate_refresh_token(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError>;

    /// Ends the session that a token belongs to, whether the token is live or not; it is no error if there is none.
    /// A token of the earlier service that was never seen can begin no session afterwards.
    async fn end_session(
        &self,
        token: &PresentedToken,
        user_id: UserId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;
}

/// A session that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The session's id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// Its first refresh token.
    pub token: TokenHash,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When that token ends, and the session with it.
    pub expires_at: DateTime<Utc>,
}

/// A refresh token that somebody shows, read and not expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedToken {
    /// Its hash.
    pub hash: TokenHash,
    /// The session it names; tokens of the earlier service name none.
    pub session_id: Option<SessionId>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// A refresh token to be traded for a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// Whose token it is.
    pub user_id: UserId,
    /// The token that is used.
    pub presented: PresentedToken,
    /// The session that both are of: the one that `presented` names or, for a token of the earlier service, the
    /// id, the same each time, of the session that it may begin.
    pub session_id: SessionId,
    /// The token that takes its place.
    pub successor: TokenHash,
    /// When the successor ends, and the session with it.
    pub expires_at: DateTime<Utc>,
    /// For how long after its first use a token stays good.
    pub grace: TimeDelta,
    /// The time of the act.
    pub now: DateTime<Utc>,
}

impl Rotation {
    /// Returns the earliest first use of the presented token that still yields a successor.
    #[must_use]
    pub fn end_of_grace(&self) -> DateTime<Utc> {
        self.now - self.grace
    }
}

/// How a rotation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationOutcome {
    /// The successor is good.
    Rotated,
    /// The token is not good, and nothing of its session is.
    Refused,
}
