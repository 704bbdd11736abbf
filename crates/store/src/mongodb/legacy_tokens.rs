// Remove after 2027-06-30: refresh tokens of the earlier service, which name no session, have expired by
// then.

use bson::doc;
use chrono::{DateTime, Utc};
use kairos_domain::id::{ObjectId, SessionId, UserId};
use kairos_domain::store::{PresentedToken, Rotation, RotationOutcome};
use kairos_domain::token::TokenHash;

use super::MongoStore;
use super::documents::{binary, session};
use super::transaction::{Abort, Transaction};
use crate::administration::{LegacyTokenRecord, SessionRecord};

impl MongoStore {
    /// Starts a session with a token that was never presented before.
    pub(super) async fn begin_legacy(
        &self,
        transaction: &Transaction,
        rotation: &Rotation,
    ) -> Result<RotationOutcome, Abort> {
        if !self.hold_user(transaction, rotation.user_id).await? {
            return Ok(RotationOutcome::Refused);
        }
        let session = SessionRecord::of_legacy_token(rotation);
        self.begin_session(transaction, &session).await?;
        Ok(RotationOutcome::Rotated)
    }

    /// Ends the session of a token. Stores a token that was never presented before, so that it can start
    /// none.
    pub(super) async fn end_legacy(
        &self,
        transaction: &Transaction,
        token: &PresentedToken,
        user_id: UserId,
        now: DateTime<Utc>,
    ) -> Result<(), Abort> {
        match self.session_of_legacy_token(transaction, token.hash).await? {
            Some(session) if session.user_id == user_id => self.end(transaction, session).await,
            Some(_) => Ok(()),
            None => {
                let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = token.hash.bytes();
                let session = SessionRecord {
                    id: SessionId(ObjectId::from_bytes([a, b, c, d, e, f, g, h, i, j, k, l])),
                    user_id,
                    created_at: now,
                    expires_at: token.expires_at,
                    tokens: Vec::new(),
                    legacy_token: Some(LegacyTokenRecord::first_used(token, now)),
                    has_ended: true,
                };
                self.begin_session(transaction, &session).await
            }
        }
    }

    pub(super) async fn session_of_legacy_token(
        &self,
        transaction: &Transaction,
        hash: TokenHash,
    ) -> Result<Option<SessionRecord>, Abort> {
        let began = doc! { "earlier_token.hash": binary(hash.bytes()) };
        let found = transaction
            .find_one(self.connection.sessions.find_one(began))
            .await?;
        Ok(found.map(|found| session(&found)).transpose()?)
    }
}
