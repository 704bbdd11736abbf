use std::cmp::Reverse;

use async_trait::async_trait;
use bson::{Document, doc};
use chrono::{DateTime, Utc};
use kairos_domain::id::{ObjectId, SessionId, UserId};
use kairos_domain::store::{
    MOST_UNUSED_TOKENS, NewSession, PresentedToken, Rotation, RotationOutcome, Sessions, StoreError,
};
use kairos_domain::token::TokenHash;

use super::MongoStore;
use super::connection::to_the_end;
use super::documents::{Session, binary, instant, oid};
use crate::administration::{EarlierTokenRecord, SessionRecord, TokenRecord};

#[async_trait]
impl Sessions for MongoStore {
    async fn start_session(&self, session: &NewSession) -> Result<(), StoreError> {
        let session = begun(SessionRecord {
            id: session.id,
            user_id: session.user_id,
            created_at: session.created_at,
            expires_at: session.expires_at,
            tokens: vec![unused(session.token, session.expires_at)],
            earlier_token: None,
            has_ended: false,
        });
        let store = self.clone();
        to_the_end(async move {
            if !store.begin(&session).await? {
                return Err(StoreError::Conflict(kairos_domain::store::Unique::Id));
            }
            store.stays_if_its_rider_does(&session).await.map(drop)
        })
        .await
    }

    async fn rotate_refresh_token(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError> {
        // Whenever another act comes between, this one is decided anew.
        loop {
            let attempt = match rotation.presented.session_id {
                Some(session_id) => self.rotate(session_id, rotation).await?,
                None => self.rotate_earlier(rotation).await?,
            };
            if let Some(outcome) = attempt {
                return Ok(outcome);
            }
        }
    }

    async fn end_session(
        &self,
        token: &PresentedToken,
        user_id: UserId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        loop {
            let session = match token.session_id {
                Some(session_id) => self.session(session_id).await?,
                None => self.session_of_earlier_token(token.hash).await?,
            };
            let is_done = match session {
                Some(session) if session.record.user_id == user_id => self.end(session).await?,
                Some(_) => true,
                None if token.session_id.is_some() => true,
                None => self.begin(&ended_before_it_began(token, user_id, now)).await?,
            };
            if is_done {
                return Ok(());
            }
        }
    }

    async fn purge_expired_sessions(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let db = &self.connection;
        let expired = doc! { "keep_until": { "$lt": instant(now) }, "has_ended": false };
        let purged = db.call(db.sessions.delete_many(expired)).await?.deleted_count;
        let ended = doc! { "keep_until": { "$lt": instant(now) } };
        db.call(db.sessions.delete_many(ended)).await?;
        Ok(purged)
    }
}

/// The acts that depend on a session's state give `None`, or `false`, when another act was faster.
impl MongoStore {
    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let db = &self.connection;
        let session = db.call(db.sessions.find_one(doc! { "_id": oid(id.0) })).await?;
        session.map(|session| Session::read(&session)).transpose()
    }

    async fn session_of_earlier_token(&self, hash: TokenHash) -> Result<Option<Session>, StoreError> {
        let db = &self.connection;
        let began = doc! { "earlier_token.hash": binary(hash) };
        let session = db.call(db.sessions.find_one(began)).await?;
        session.map(|session| Session::read(&session)).transpose()
    }

    /// Trades a token that names its session.
    async fn rotate(
        &self,
        session_id: SessionId,
        rotation: &Rotation,
    ) -> Result<Option<RotationOutcome>, StoreError> {
        let Some(mut session) = self
            .session(session_id)
            .await?
            .filter(|session| is_live(session, rotation))
        else {
            return Ok(Some(RotationOutcome::Refused));
        };
        let presented = session
            .record
            .tokens
            .iter_mut()
            .find(|token| token.hash == rotation.presented.hash);
        let is_good = match presented {
            // Used, and forgotten since: below.
            None => false,
            Some(token) => *token.first_used_at.get_or_insert(rotation.now) >= end_of_grace(rotation),
        };
        self.succeed(session, is_good, rotation).await
    }

    /// Trades a token of the earlier service, which names no session.
    async fn rotate_earlier(&self, rotation: &Rotation) -> Result<Option<RotationOutcome>, StoreError> {
        match self.session_of_earlier_token(rotation.presented.hash).await? {
            None => self.adopt(rotation).await,
            Some(session) if session.record.id == rotation.session_id && is_live(&session, rotation) => {
                let first_used_at = session
                    .record
                    .earlier_token
                    .as_ref()
                    .map(|token| token.first_used_at);
                let is_good = first_used_at >= Some(end_of_grace(rotation));
                self.succeed(session, is_good, rotation).await
            }
            Some(_) => Ok(Some(RotationOutcome::Refused)),
        }
    }

    /// Begins a session with a token of the earlier service that was never seen.
    async fn adopt(&self, rotation: &Rotation) -> Result<Option<RotationOutcome>, StoreError> {
        let session = begun(SessionRecord {
            id: rotation.session_id,
            user_id: rotation.user_id,
            created_at: rotation.now,
            expires_at: rotation.expires_at,
            tokens: vec![unused(rotation.successor, rotation.expires_at)],
            earlier_token: Some(EarlierTokenRecord {
                hash: rotation.presented.hash,
                first_used_at: rotation.now,
                expires_at: rotation.presented.expires_at,
            }),
            has_ended: false,
        });
        let store = self.clone();
        to_the_end(async move {
            if !store.begin(&session).await? {
                return Ok(None);
            }
            Ok(Some(if store.stays_if_its_rider_does(&session).await? {
                RotationOutcome::Rotated
            } else {
                RotationOutcome::Refused
            }))
        })
        .await
    }

    /// Adds the successor of a good token, or ends the session of one that was used before.
    async fn succeed(
        &self,
        mut session: Session,
        is_good: bool,
        rotation: &Rotation,
    ) -> Result<Option<RotationOutcome>, StoreError> {
        if !is_good {
            let is_done = self.end(session).await?;
            return Ok(is_done.then_some(RotationOutcome::Refused));
        }
        let tokens = &mut session.record.tokens;
        forget_tokens(tokens, rotation);
        tokens.push(unused(rotation.successor, rotation.expires_at));
        session.record.expires_at = rotation.expires_at;
        let is_done = self.overwrite(session).await?;
        Ok(is_done.then_some(RotationOutcome::Rotated))
    }

    /// Ends a session; one that a token of the earlier service began is remembered.
    async fn end(&self, mut session: Session) -> Result<bool, StoreError> {
        if session.record.earlier_token.is_some() {
            session.record.has_ended = true;
            session.record.tokens.clear();
            return self.overwrite(session).await;
        }
        let db = &self.connection;
        let same = doc! { "_id": oid(session.record.id.0), "version": i64::from(session.version) };
        Ok(db.call(db.sessions.delete_one(same)).await?.deleted_count > 0)
    }

    async fn overwrite(&self, mut session: Session) -> Result<bool, StoreError> {
        let db = &self.connection;
        let same = doc! { "_id": oid(session.record.id.0), "version": i64::from(session.version) };
        session.version = session.version.wrapping_add(1);
        let overwrite = doc! { "$set": session.changing_fields() };
        Ok(db
            .call(db.sessions.update_one(same, overwrite))
            .await?
            .matched_count
            > 0)
    }

    /// Adds a session, unless its id or its earlier token is there.
    async fn begin(&self, session: &Session) -> Result<bool, StoreError> {
        let db = &self.connection;
        let sessions = db.sessions.clone_with_type::<Document>();
        Ok(db.write(sessions.insert_one(session.document())).await?.is_ok())
    }

    /// Takes a session away again whose rider is gone. It was there before the rider was looked for: whoever deletes the account
    /// at the same time either is seen here or sees the session.
    async fn stays_if_its_rider_does(&self, session: &Session) -> Result<bool, StoreError> {
        let stays = self.user_exists(session.record.user_id).await?;
        if !stays {
            let db = &self.connection;
            db.call(db.sessions.delete_one(doc! { "_id": oid(session.record.id.0) }))
                .await?;
        }
        Ok(stays)
    }
}

fn is_live(session: &Session, rotation: &Rotation) -> bool {
    !session.record.has_ended
        && session.record.user_id == rotation.user_id
        && session.record.expires_at > rotation.now
}

/// The earliest first use that still yields a successor now.
fn end_of_grace(rotation: &Rotation) -> DateTime<Utc> {
    rotation.now - rotation.grace
}

/// Forgets the tokens that can go. One whose grace is over and one that the session doesn't know end the session alike: it needs no place. Of
/// the unused ones as many stay as leave room for one more.
fn forget_tokens(tokens: &mut Vec<TokenRecord>, rotation: &Rotation) {
    let end_of_grace = end_of_grace(rotation);
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

const fn begun(record: SessionRecord) -> Session {
    Session { record, version: 0 }
}

const fn unused(hash: TokenHash, expires_at: DateTime<Utc>) -> TokenRecord {
    TokenRecord {
        hash,
        first_used_at: None,
        expires_at,
    }
}

/// What remembers a token of the earlier service that was ended before it was ever traded.
fn ended_before_it_began(token: &PresentedToken, user_id: UserId, now: DateTime<Utc>) -> Session {
    let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = token.hash.bytes();
    begun(SessionRecord {
        id: SessionId(ObjectId::from_bytes([a, b, c, d, e, f, g, h, i, j, k, l])),
        user_id,
        created_at: now,
        expires_at: token.expires_at,
        tokens: Vec::new(),
        earlier_token: Some(EarlierTokenRecord {
            hash: token.hash,
            first_used_at: now,
            expires_at: token.expires_at,
        }),
        has_ended: true,
    })
}
