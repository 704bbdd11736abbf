use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::StoreError;
use crate::id::{SessionId, UserId};
use crate::token::TokenHash;

/// The most unused refresh tokens of a session.
///
/// Lost responses leave a few unused tokens behind. Without this bound, a client could create any number of
/// them by using one token repeatedly within its grace period.
pub const MOST_UNUSED_TOKENS: usize = 256;

/// Sessions. A session is the family of refresh tokens that descend from one log-in.
///
/// The store keeps the live tokens as hashes.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Begins a session with one unused token. Does nothing if the rider is gone.
    async fn start_session(&self, session: &NewSession) -> Result<(), StoreError>;

    /// Exchanges a refresh token for its successor.
    ///
    /// - An unused token of a live session becomes a used one, and the successor is added: `Rotated`.
    /// - A token whose first use was at most `grace` ago yields another successor: `Rotated`. The time of its
    ///   first use stays the same.
    /// - A token that was used longer ago, but none of whose successors was used, yields another successor:
    ///   `Rotated`. The session deletes the earlier successors.
    /// - A token that was used longer ago, and one of whose successors was used, ends the session with all
    ///   its tokens: `Refused`. So does a token that the session does not know, because it was used and
    ///   deleted.
    /// - A token of a session that has ended, has expired or never existed: `Refused`.
    /// - A token of the earlier service that was never seen begins a session in which it counts as used
    ///   `now`: `Rotated`. From then on it counts as any other used token. After the end of the session it
    ///   stays `Refused` until its own expiry.
    ///
    /// A session deletes expired tokens. Beyond [`MOST_UNUSED_TOKENS`], it deletes the unused tokens that
    /// expire first.
    ///
    /// `Rotated` moves the session's expiry to `expires_at`. Concurrent calls with one token are serialised.
    async fn rotate_refresh_token(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError>;

    /// Ends the session of a token, whether the token is live or not. A missing session is not an error.
    ///
    /// A token of the earlier service that was never seen cannot begin a session afterwards.
    async fn end_session(
        &self,
        token: &PresentedToken,
        user_id: UserId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;
}

/// A new session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The session's id.
    pub id: SessionId,
    /// The owner.
    pub user_id: UserId,
    /// The hash of the first refresh token.
    pub token: TokenHash,
    /// The time of the log-in.
    pub created_at: DateTime<Utc>,
    /// The expiry of that token and of the session.
    pub expires_at: DateTime<Utc>,
}

/// A refresh token that a client has sent, with a valid signature and not expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedToken {
    /// The hash of the token.
    pub hash: TokenHash,
    /// The session in the token; tokens of the earlier service contain none.
    pub session_id: Option<SessionId>,
    /// The expiry of the token.
    pub expires_at: DateTime<Utc>,
}

/// An exchange of a refresh token for a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The rider of the token.
    pub user_id: UserId,
    /// The token that the client has sent.
    pub presented: PresentedToken,
    /// The session of both tokens.
    ///
    /// It is the session in `presented`. For a token of the earlier service, it is the id of the session that
    /// the token may begin. That id is the same for each use.
    pub session_id: SessionId,
    /// The hash of the token that replaces it.
    pub successor: TokenHash,
    /// The expiry of the successor and of the session.
    pub expires_at: DateTime<Utc>,
    /// The grace period: how long a token stays valid after its first use.
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

/// The outcome of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationOutcome {
    /// The successor is valid.
    Rotated,
    /// The token is invalid, and so are all tokens of its session.
    Refused,
}
