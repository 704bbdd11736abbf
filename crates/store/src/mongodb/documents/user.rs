use bson::oid::ObjectId as Oid;
use bson::{Document, RawDocument, doc};
use kairos_domain::email_address::EmailAddress;
use kairos_domain::id::{MailId, UserId};
use kairos_domain::mail::{MailKind, OutboxMail};
use kairos_domain::password::PasswordHash;
use kairos_domain::store::StoreError;
use kairos_domain::text::{Name, ProfileLine};
use kairos_domain::usage::{RiderUsage, WriteRate};
use kairos_domain::user::{Contact, User};
use serde::{Deserialize, Serialize};

use super::{corrupt, created_at, instant, moment, object_id, oid, read, word};
use crate::administration::{UserRecord, WaitingMail};

#[derive(Debug, Deserialize)]
struct UserDocument {
    #[serde(rename = "_id")]
    id: Oid,
    email: Option<String>,
    is_verified: Option<bool>,
    name: Option<String>,
    phonenumber: Option<String>,
    instagram: Option<String>,
    country: Option<String>,
    password: Option<String>,
    credential_version: Option<u32>,
    address_version: Option<u32>,
    email_key_is_unique: Option<bool>,
    mails: Option<Vec<MailDocument>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::mongodb) struct RiderUsageDocument {
    /// The number of journeys that have been migrated.
    pub(in crate::mongodb) journeys: i64,
    pub(in crate::mongodb) bytes: i64,
    write_minute: i64,
    writes: u32,
    writes_before: u32,
    /// The number of idempotency keys that the rider has used.
    pub(in crate::mongodb) keys: i64,
}

#[derive(Debug, Deserialize)]
struct MailDocument {
    #[serde(rename = "_id")]
    id: Oid,
    to: String,
    kind: String,
    created_at: Option<bson::DateTime>,
    attempts: Option<u32>,
    due_at: bson::DateTime,
}

impl UserDocument {
    fn read(document: &RawDocument) -> Result<Self, StoreError> {
        read("user", document)
    }
}

impl From<RiderUsageDocument> for RiderUsage {
    fn from(usage: RiderUsageDocument) -> Self {
        Self {
            journeys: usage.journeys,
            bytes: usage.bytes,
            writes: WriteRate {
                minute: usage.write_minute,
                writes: usage.writes,
                writes_before: usage.writes_before,
            },
        }
    }
}

impl RiderUsageDocument {
    pub(in crate::mongodb) fn of(usage: RiderUsage, keys: i64) -> Self {
        Self {
            journeys: usage.journeys,
            bytes: usage.bytes,
            write_minute: usage.writes.minute,
            writes: usage.writes.writes,
            writes_before: usage.writes.writes_before,
            keys,
        }
    }
}

pub(in crate::mongodb) fn user(document: &RawDocument) -> Result<User, StoreError> {
    let fields = UserDocument::read(document)?;
    user_of(fields, document)
}

fn user_of(fields: UserDocument, document: &RawDocument) -> Result<User, StoreError> {
    let missing = |field| corrupt("user", document, format_args!("{field} is missing"));
    Ok(User {
        id: UserId(object_id(fields.id)),
        email: EmailAddress::stored(fields.email.ok_or_else(|| missing("email"))?),
        is_verified: fields.is_verified.unwrap_or(false),
        name: Name::stored(fields.name.unwrap_or_default()),
        contact: Contact {
            phonenumber: fields.phonenumber.map(ProfileLine::stored),
            instagram: fields.instagram.map(ProfileLine::stored),
            country: fields.country.map(ProfileLine::stored),
        },
        password: PasswordHash::stored(fields.password.ok_or_else(|| missing("password"))?),
        credential_version: fields.credential_version.unwrap_or(0),
        address_version: fields.address_version.unwrap_or(0),
    })
}

/// Reads an account with its waiting mails.
pub(in crate::mongodb) fn user_record(document: &RawDocument) -> Result<UserRecord, StoreError> {
    let fields = UserDocument::read(document)?;
    Ok(UserRecord {
        holds_its_address: fields.email_key_is_unique.unwrap_or(false),
        user: user_of(fields, document)?,
        mails: waiting_mails(document)?,
    })
}

/// Returns the document of a new account with its waiting mails.
pub(in crate::mongodb) fn user_document(record: &UserRecord) -> Document {
    let user = &record.user;
    let mut document = profile_fields(user);
    document.extend(doc! {
        "_id": oid(user.id.0),
        "email_key": user.email.key().as_str(),
        "email_key_is_unique": record.holds_its_address,
    });
    if !record.mails.is_empty() {
        let mails: Vec<_> = record.mails.iter().map(mail_document).collect();
        document.insert("mails", mails);
    }
    document
}

/// Returns the fields of an account that change after its creation.
pub(in crate::mongodb) fn profile_fields(user: &User) -> Document {
    let line = |line: &Option<ProfileLine>| line.as_ref().map(|line| line.as_str().to_owned());
    doc! {
        "email": user.email.as_str(),
        "name": user.name.as_str(),
        "password": user.password.as_str(),
        "is_verified": user.is_verified,
        "credential_version": i64::from(user.credential_version),
        "address_version": i64::from(user.address_version),
        "phonenumber": line(&user.contact.phonenumber),
        "instagram": line(&user.contact.instagram),
        "country": line(&user.contact.country),
    }
}

/// Returns the entry of a new mail, due at once.
pub(in crate::mongodb) fn new_mail(mail: OutboxMail) -> WaitingMail {
    WaitingMail {
        due_at: mail.created_at,
        mail,
    }
}

pub(in crate::mongodb) fn mail_document(waiting: &WaitingMail) -> Document {
    let mail = &waiting.mail;
    doc! {
        "_id": oid(mail.id.0),
        "to": mail.to.as_str(),
        "kind": mail.kind.as_str(),
        "created_at": instant(mail.created_at),
        "attempts": i64::from(mail.attempts),
        "due_at": instant(waiting.due_at),
    }
}

/// Reads the waiting mails of an account.
pub(in crate::mongodb) fn waiting_mails(document: &RawDocument) -> Result<Vec<WaitingMail>, StoreError> {
    let fields = UserDocument::read(document)?;
    let user_id = UserId(object_id(fields.id));
    let mails = fields.mails.unwrap_or_default().into_iter().map(|mail| {
        Some(WaitingMail {
            due_at: moment(mail.due_at)?,
            mail: OutboxMail {
                id: MailId(object_id(mail.id)),
                user_id,
                to: EmailAddress::stored(mail.to),
                kind: word(&mail.kind, &MailKind::ALL)?,
                created_at: created_at(mail.created_at, mail.id)?,
                attempts: mail.attempts.unwrap_or(0),
            },
        })
    });
    let mails: Option<Vec<_>> = mails.collect();
    mails.ok_or_else(|| corrupt("user", document, "a mail can't be read"))
}
