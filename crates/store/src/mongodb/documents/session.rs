use bson::oid::ObjectId as Oid;
use bson::{Document, RawDocument, doc};
use chrono::{DateTime, Utc};
use kairos_domain::id::{SessionId, UserId};
use kairos_domain::store::StoreError;
use kairos_domain::token::TokenHash;
use serde::Deserialize;

use super::{binary, corrupt, created_at, instant, moment, object_id, oid, read};
use crate::administration::{LegacyTokenRecord, SessionRecord, TokenRecord};

#[derive(Debug, Deserialize)]
struct SessionDocument {
    #[serde(rename = "_id")]
    id: Oid,
    user_id: Oid,
    created_at: Option<bson::DateTime>,
    expires_at: bson::DateTime,
    tokens: Option<Vec<TokenDocument>>,
    earlier_token: Option<TokenDocument>,
    has_ended: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct TokenDocument {
    hash: bson::Binary,
    predecessor: Option<bson::Binary>,
    first_used_at: Option<bson::DateTime>,
    expires_at: bson::DateTime,
}

/// Reads a session with all its tokens.
pub(in crate::mongodb) fn session(document: &RawDocument) -> Result<SessionRecord, StoreError> {
    let fields: SessionDocument = read("session", document)?;
    session_of(fields).ok_or_else(|| corrupt("session", document, "a token or an instant can't be read"))
}

fn session_of(fields: SessionDocument) -> Option<SessionRecord> {
    let tokens = fields.tokens.unwrap_or_default().into_iter().map(token_of);
    let earlier = fields.earlier_token.map(|token| {
        let token = token_of(token)?;
        Some(LegacyTokenRecord {
            hash: token.hash,
            first_used_at: token.first_used_at?,
            expires_at: token.expires_at,
        })
    });
    Some(SessionRecord {
        id: SessionId(object_id(fields.id)),
        user_id: UserId(object_id(fields.user_id)),
        created_at: created_at(fields.created_at, fields.id)?,
        expires_at: moment(fields.expires_at)?,
        tokens: tokens.collect::<Option<_>>()?,
        legacy_token: match earlier {
            Some(token) => Some(token?),
            None => None,
        },
        has_ended: fields.has_ended.unwrap_or(false),
    })
}

fn token_of(token: TokenDocument) -> Option<TokenRecord> {
    Some(TokenRecord {
        hash: hash_of(token.hash)?,
        predecessor: match token.predecessor {
            Some(predecessor) => Some(hash_of(predecessor)?),
            None => None,
        },
        first_used_at: match token.first_used_at {
            Some(used) => Some(moment(used)?),
            None => None,
        },
        expires_at: moment(token.expires_at)?,
    })
}

fn hash_of(binary: bson::Binary) -> Option<TokenHash> {
    binary.bytes.try_into().ok().map(TokenHash::stored)
}

pub(in crate::mongodb) fn session_document(session: &SessionRecord) -> Document {
    let mut document = doc! {
        "_id": oid(session.id.0),
        "user_id": oid(session.user_id.0),
        "created_at": instant(session.created_at),
    };
    document.extend(session_fields(session));
    document
}

/// Returns the fields of a session that change after its start.
pub(in crate::mongodb) fn session_fields(session: &SessionRecord) -> Document {
    let token = |token: &TokenRecord| {
        doc! {
            "hash": binary(token.hash.bytes()),
            "predecessor": token.predecessor.map(|predecessor| binary(predecessor.bytes())),
            "first_used_at": token.first_used_at.map(instant),
            "expires_at": instant(token.expires_at),
        }
    };
    let mut fields = doc! {
        "expires_at": instant(session.expires_at),
        "keep_until": instant(keep_until(session)),
        "tokens": session.tokens.iter().map(token).collect::<Vec<_>>(),
        "has_ended": session.has_ended,
    };
    if let Some(earlier) = &session.legacy_token {
        let earlier = doc! {
            "hash": binary(earlier.hash.bytes()),
            "first_used_at": instant(earlier.first_used_at),
            "expires_at": instant(earlier.expires_at),
        };
        fields.insert("earlier_token", earlier);
    }
    fields
}

/// Returns the instant from which the TTL index deletes the document.
fn keep_until(session: &SessionRecord) -> DateTime<Utc> {
    let earlier = session.legacy_token.as_ref().map(|earlier| earlier.expires_at);
    let own = (!session.has_ended).then_some(session.expires_at);
    own.max(earlier).unwrap_or(session.expires_at)
}
