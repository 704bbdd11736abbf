use bson::{Binary, Bson, Document, RawBsonRef, RawDocument, doc, spec::BinarySubtype};
use chrono::{DateTime, Utc};
use kairos_domain::id::{SessionId, UserId};
use kairos_domain::store::StoreError;
use kairos_domain::token::TokenHash;

use super::{Fields, instant, oid};
use crate::administration::{EarlierTokenRecord, SessionRecord, TokenRecord};

/// A session's document: the whole family of its tokens, so that one write decides about all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mongodb) struct Session {
    pub(in crate::mongodb) record: SessionRecord,
    /// Raised by every write: a write names the version it was decided on.
    pub(in crate::mongodb) version: u32,
}

impl Session {
    pub(in crate::mongodb) fn read(document: &RawDocument) -> Result<Self, StoreError> {
        let fields = Fields::of("session", document)?;
        let user_id = fields.object_id("user_id")?;
        let expires_at = fields.instant("expires_at")?;
        let tokens = fields.get("tokens", "list", RawBsonRef::as_array)?;
        let tokens = tokens.into_iter().flatten().map(|token| {
            let token = token.map_err(|problem| fields.corrupt(problem))?;
            let token = token.as_document().and_then(token_of);
            token.ok_or_else(|| fields.corrupt("a token can't be read"))
        });
        let record = SessionRecord {
            id: SessionId(fields.id),
            user_id: UserId(fields.required("user_id", user_id)?),
            created_at: fields.created_at()?,
            expires_at: fields.required("expires_at", expires_at)?,
            tokens: tokens.collect::<Result<_, _>>()?,
            earlier_token: fields.get("earlier_token", "token", |value| {
                let document = value.as_document()?;
                let token = token_of(document)?;
                Some(EarlierTokenRecord {
                    hash: token.hash,
                    first_used_at: token.first_used_at?,
                    expires_at: token.expires_at,
                })
            })?,
            has_ended: fields.bool("has_ended")?,
        };
        Ok(Self {
            record,
            version: fields.count("version")?,
        })
    }

    pub(in crate::mongodb) fn document(&self) -> Document {
        let mut document = doc! {
            "_id": oid(self.record.id.0),
            "user_id": oid(self.record.user_id.0),
            "created_at": instant(self.record.created_at),
        };
        document.extend(self.changing_fields());
        document
    }

    /// What a write may change.
    pub(in crate::mongodb) fn changing_fields(&self) -> Document {
        let record = &self.record;
        let token = |token: &TokenRecord| {
            doc! {
                "hash": binary(token.hash),
                "first_used_at": token.first_used_at.map(instant),
                "expires_at": instant(token.expires_at),
            }
        };
        let mut fields = doc! {
            "expires_at": instant(record.expires_at),
            "keep_until": instant(self.keep_until()),
            "version": i64::from(self.version),
            "tokens": record.tokens.iter().map(token).collect::<Vec<_>>(),
            "has_ended": record.has_ended,
        };
        if let Some(earlier) = &record.earlier_token {
            let earlier = doc! {
                "hash": binary(earlier.hash),
                "first_used_at": instant(earlier.first_used_at),
                "expires_at": instant(earlier.expires_at),
            };
            fields.insert("earlier_token", earlier);
        }
        fields
    }

    /// When the document can go.
    fn keep_until(&self) -> DateTime<Utc> {
        let record = &self.record;
        let earlier = record.earlier_token.as_ref().map(|earlier| earlier.expires_at);
        let own = (!record.has_ended).then_some(record.expires_at);
        own.max(earlier).unwrap_or(record.expires_at)
    }
}

/// A token's hash as MongoDB has it.
pub(in crate::mongodb) fn binary(hash: TokenHash) -> Bson {
    Bson::Binary(Binary {
        subtype: BinarySubtype::Generic,
        bytes: hash.bytes().to_vec(),
    })
}

fn token_of(document: &RawDocument) -> Option<TokenRecord> {
    let hash = document.get("hash").ok()??.as_binary()?;
    Some(TokenRecord {
        hash: TokenHash::stored(hash.bytes.try_into().ok()?),
        first_used_at: instant_of(document, "first_used_at"),
        expires_at: instant_of(document, "expires_at")?,
    })
}

fn instant_of(document: &RawDocument, field: &str) -> Option<DateTime<Utc>> {
    let instant = document.get(field).ok()??.as_datetime()?;
    DateTime::from_timestamp_millis(instant.timestamp_millis())
}
