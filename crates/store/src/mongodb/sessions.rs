use async_trait::async_trait;
use bson::{Document, doc};
use chrono::{DateTime, Utc};
use kairos_domain::id::{SessionId, UserId};
use kairos_domain::store::{NewSession, PresentedToken, Rotation, RotationOutcome, Sessions, StoreError};

use super::MongoStore;
use super::documents::{oid, session, session_document, session_fields};
use super::transaction::{Abort, Transaction};
use crate::administration::SessionRecord;
use crate::refresh_tokens;

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
            let session = match rotation.presented.session_id {
                Some(session_id) => self.session(&transaction, session_id).await?,
                None => match self
                    .session_of_legacy_token(&transaction, rotation.presented.hash)
                    .await?
                {
                    Some(session) => Some(session).filter(|session| session.id == rotation.session_id),
                    None => return self.begin_legacy(&transaction, rotation).await,
                },
            };
            match session.filter(|session| is_live(session, rotation)) {
                Some(session) => self.rotate(&transaction, session, rotation).await,
                None => Ok(RotationOutcome::Refused),
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
        mut session: SessionRecord,
        rotation: &Rotation,
    ) -> Result<RotationOutcome, Abort> {
        if !refresh_tokens::rotate(&mut session, rotation) {
            self.end(transaction, session).await?;
            return Ok(RotationOutcome::Refused);
        }
        self.overwrite(transaction, &session).await?;
        Ok(RotationOutcome::Rotated)
    }

    /// Ends a session. Keeps its document if a token of the earlier service started the session.
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

fn is_live(session: &SessionRecord, rotation: &Rotation) -> bool {
    !session.has_ended && session.user_id == rotation.user_id && session.expires_at > rotation.now
}
