use bson::{Binary, Bson, Document, RawBsonRef, RawDocument, doc, spec::BinarySubtype};
use chrono::{DateTime, Utc};
use kairos_domain::id::{SessionId, UserId};
use kairos_domain::store::StoreError;
use kairos_domain::token::TokenHash;

use super::{Fields, instant, oid};

/// A session's document: the whole family of its tokens, so that one write decides about all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mongodb) struct Session {
    pub(in crate::mongodb) id: SessionId,
    pub(in crate::mongodb) user_id: UserId,
    pub(in crate::mongodb) created_at: DateTime<Utc>,
    /// The end of its latest refresh token.
    pub(in crate::mongodb) expires_at: DateTime<Utc>,
    /// Raised by every write: a write names the version it was decided on.
    pub(in crate::mongodb) version: u32,
    /// The tokens that are good: the unused ones, and those used moments ago.
    pub(in crate::mongodb) tokens: Vec<Token>,
    /// The token of the earlier service that began it.
    pub(in crate::mongodb) earlier_token: Option<EarlierToken>,
    /// It is over; it is kept because its earlier token can't begin another while that would be good.
    pub(in crate::mongodb) has_ended: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mongodb) struct Token {
    pub(in crate::mongodb) hash: TokenHash,
    pub(in crate::mongodb) first_used_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mongodb) struct EarlierToken {
    pub(in crate::mongodb) hash: TokenHash,
    pub(in crate::mongodb) first_used_at: DateTime<Utc>,
    pub(in crate::mongodb) expires_at: DateTime<Utc>,
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
        Ok(Self {
            id: SessionId(fields.id),
            user_id: UserId(fields.required("user_id", user_id)?),
            created_at: fields.created_at()?,
            expires_at: fields.required("expires_at", expires_at)?,
            version: fields.count("version")?,
            tokens: tokens.collect::<Result<_, _>>()?,
            earlier_token: fields.get("earlier_token", "token", |value| {
                let document = value.as_document()?;
                let token = token_of(document)?;
                Some(EarlierToken {
                    hash: token.hash,
                    first_used_at: token.first_used_at?,
                    expires_at: instant_of(document, "expires_at")?,
                })
            })?,
            has_ended: fields.bool("has_ended")?,
        })
    }

    pub(in crate::mongodb) fn document(&self) -> Document {
        let mut document = doc! {
            "_id": oid(self.id.0),
            "user_id": oid(self.user_id.0),
            "created_at": instant(self.created_at),
        };
        document.extend(self.changing_fields());
        document
    }

    /// What a write may change.
    pub(in crate::mongodb) fn changing_fields(&self) -> Document {
        let token = |token: &Token| {
            doc! { "hash": binary(token.hash), "first_used_at": token.first_used_at.map(instant) }
        };
        let mut fields = doc! {
            "expires_at": instant(self.expires_at),
            "keep_until": instant(self.keep_until()),
            "version": i64::from(self.version),
            "tokens": self.tokens.iter().map(token).collect::<Vec<_>>(),
            "has_ended": self.has_ended,
        };
        if let Some(earlier) = &self.earlier_token {
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
        let earlier = self.earlier_token.as_ref().map(|earlier| earlier.expires_at);
        let own = (!self.has_ended).then_some(self.expires_at);
        own.max(earlier).unwrap_or(self.expires_at)
    }
}

/// A token's hash as MongoDB has it.
pub(in crate::mongodb) fn binary(hash: TokenHash) -> Bson {
    Bson::Binary(Binary {
        subtype: BinarySubtype::Generic,
        bytes: hash.bytes().to_vec(),
    })
}

fn token_of(document: &RawDocument) -> Option<Token> {
    let hash = document.get("hash").ok()??.as_binary()?;
    Some(Token {
        hash: TokenHash::stored(hash.bytes.try_into().ok()?),
        first_used_at: instant_of(document, "first_used_at"),
    })
}

fn instant_of(document: &RawDocument, field: &str) -> Option<DateTime<Utc>> {
    let instant = document.get(field).ok()??.as_datetime()?;
    DateTime::from_timestamp_millis(instant.timestamp_millis())
}
