use std::cmp::Reverse;

use async_trait::async_trait;
use bson::{Document, doc};
use chrono::{DateTime, Utc};
use kairos_domain::id::{SessionId, UserId};
use kairos_domain::store::{
    MOST_UNUSED_TOKENS, NewSession, PresentedToken, Rotation, RotationOutcome, Sessions, StoreError,
};

use super::MongoStore;
use super::documents::{oid, session, session_document, session_fields};
use super::transaction::{Abort, Transaction};
use crate::administration::{SessionRecord, TokenRecord};

#[async_trait]
impl Sessions for MongoStore {
    async fn start_session(&self, session: &NewSession) -> Result<(), StoreError> {
        let record = &SessionRecord::new(session);
        let act = |transaction: Transaction| async move {
            if self.hold_user(&transaction, record.user_id).await? {
                self.begin_session(&transaction, record).await?;
            }
            Ok(())
        };
        self.connection.transaction(act).await
    }

    async fn rotate_refresh_token(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError> {
        let act = |transaction: Transaction| async move {
            match rotation.presented.session_id {
                Some(session_id) => self.rotate(&transaction, session_id, rotation).await,
                None => self.rotate_legacy(&transaction, rotation).await,
            }
        };
        self.connection.transaction(act).await
    }

    async fn end_session(
        &self,
        token: &PresentedToken,
        user_id: UserId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let act = |transaction: Transaction| async move {
            let Some(session_id) = token.session_id else {
                return self.end_legacy(&transaction, token, user_id, now).await;
            };
            match self.session(&transaction, session_id).await? {
                Some(session) if session.user_id == user_id => self.end(&transaction, session).await,
                _ => Ok(()),
            }
        };
        self.connection.transaction(act).await
    }
}

impl MongoStore {
    async fn session(
        &self,
        transaction: &Transaction,
        id: SessionId,
    ) -> Result<Option<SessionRecord>, Abort> {
        let found = self.connection.sessions.find_one(doc! { "_id": oid(id.0) });
        let found = transaction.find_one(found).await?;
        Ok(found.map(|found| session(&found)).transpose()?)
    }

    async fn rotate(
        &self,
        transaction: &Transaction,
        session_id: SessionId,
        rotation: &Rotation,
    ) -> Result<RotationOutcome, Abort> {
        let session = self.session(transaction, session_id).await?;
        let Some(mut session) = session.filter(|session| is_live(session, rotation)) else {
            return Ok(RotationOutcome::Refused);
        };
        let mut tokens = session.tokens.iter_mut();
        let is_good = match tokens.find(|token| token.hash == rotation.presented.hash) {
            // The session has forgotten this token, so it was used.
            None => false,
            Some(token) => *token.first_used_at.get_or_insert(rotation.now) >= rotation.end_of_grace(),
        };
        self.succeed(transaction, session, is_good, rotation).await
    }

    /// Adds the successor of a good token, or ends the session of one that was used before.
    pub(super) async fn succeed(
        &self,
        transaction: &Transaction,
        mut session: SessionRecord,
        is_good: bool,
        rotation: &Rotation,
    ) -> Result<RotationOutcome, Abort> {
        if !is_good {
            self.end(transaction, session).await?;
            return Ok(RotationOutcome::Refused);
        }
        forget_tokens(&mut session.tokens, rotation);
        let successor = TokenRecord::unused(rotation.successor, rotation.expires_at);
        session.tokens.push(successor);
        session.expires_at = rotation.expires_at;
        self.overwrite(transaction, &session).await?;
        Ok(RotationOutcome::Rotated)
    }

    /// Ends a session. Its document stays if a token of the earlier service began the session.
    pub(super) async fn end(
        &self,
        transaction: &Transaction,
        mut session: SessionRecord,
    ) -> Result<(), Abort> {
        if session.legacy_token.is_some() {
            session.has_ended = true;
            session.tokens.clear();
            return self.overwrite(transaction, &session).await;
        }
        let db = &self.connection;
        let session = db.sessions.delete_one(doc! { "_id": oid(session.id.0) });
        transaction.delete(session).await.map(drop)
    }

    async fn overwrite(&self, transaction: &Transaction, session: &SessionRecord) -> Result<(), Abort> {
        let overwrite = doc! { "$set": session_fields(session) };
        let same = doc! { "_id": oid(session.id.0) };
        let overwrite = self.connection.sessions.update_one(same, overwrite);
        transaction.update(overwrite).await.map(drop)
    }

    pub(super) async fn begin_session(
        &self,
        transaction: &Transaction,
        session: &SessionRecord,
    ) -> Result<(), Abort> {
        let sessions = self.connection.sessions.clone_with_type::<Document>();
        let session = sessions.insert_one(session_document(session));
        transaction.insert(session).await.map(drop)
    }
}

pub(super) fn is_live(session: &SessionRecord, rotation: &Rotation) -> bool {
    !session.has_ended && session.user_id == rotation.user_id && session.expires_at > rotation.now
}

/// Forgets tokens that have expired, tokens whose grace is over, and the unused tokens over the limit.
///
/// A token whose grace is over ends the session in the same way as an unknown one.
fn forget_tokens(tokens: &mut Vec<TokenRecord>, rotation: &Rotation) {
    let end_of_grace = rotation.end_of_grace();
    tokens.retain(|token| {
        token.expires_at > rotation.now && token.first_used_at.is_none_or(|used| used >= end_of_grace)
    });
    let (mut unused, mut kept): (Vec<_>, Vec<_>) =
        tokens.drain(..).partition(|token| token.first_used_at.is_none());
    unused.sort_by_key(|token| Reverse(token.expires_at));
    unused.truncate(MOST_UNUSED_TOKENS - 1);
    kept.append(&mut unused);
    *tokens = kept;
}
