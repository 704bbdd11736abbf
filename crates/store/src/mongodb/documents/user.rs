use bson::{Document, RawBsonRef, RawDocument, doc};
use kairos_domain::email_address::EmailAddress;
use kairos_domain::id::{MailId, UserId};
use kairos_domain::mail::{MailKind, OutboxMail};
use kairos_domain::password::PasswordHash;
use kairos_domain::store::StoreError;
use kairos_domain::text::{Name, ProfileLine};
use kairos_domain::user::{Contact, User};

use super::{Fields, instant, oid};
use crate::administration::{UserRecord, WaitingMail};

pub(in crate::mongodb) fn user(document: &RawDocument) -> Result<User, StoreError> {
    let fields = Fields::of("user", document)?;
    let line = |field| -> Result<_, StoreError> { Ok(fields.text(field)?.map(ProfileLine::stored)) };
    let email = fields.text("email")?;
    let password = fields.text("password")?;
    Ok(User {
        id: UserId(fields.id),
        email: EmailAddress::stored(fields.required("email", email)?),
        is_verified: fields.bool("is_verified")?,
        name: Name::stored(fields.text("name")?.unwrap_or_default()),
        contact: Contact {
            phonenumber: line("phonenumber")?,
            instagram: line("instagram")?,
            country: line("country")?,
        },
        password: PasswordHash::stored(fields.required("password", password)?),
        credential_version: fields.count("credential_version")?,
    })
}

/// Reads an account with the mails that wait with it.
pub(in crate::mongodb) fn user_record(document: &RawDocument) -> Result<UserRecord, StoreError> {
    Ok(UserRecord {
        user: user(document)?,
        holds_its_address: Fields::of("user", document)?.bool("email_key_is_unique")?,
        mails: waiting_mails(document)?,
    })
}

/// An account with the mails that wait with it.
pub(in crate::mongodb) fn user_document(record: &UserRecord) -> Document {
    let user = &record.user;
    let mut document = doc! {
        "_id": oid(user.id.0),
        "email": user.email.as_str(),
        "email_key": user.email.key().as_str(),
        "email_key_is_unique": record.holds_its_address,
        "name": user.name.as_str(),
        "password": user.password.as_str(),
        "is_verified": user.is_verified,
        "credential_version": i64::from(user.credential_version),
    };
    document.extend(fields_of_contact(&user.contact));
    if !record.mails.is_empty() {
        let mails: Vec<_> = record.mails.iter().map(mail_document).collect();
        document.insert("mails", mails);
    }
    document
}

pub(in crate::mongodb) fn fields_of_contact(contact: &Contact) -> Document {
    let line = |line: &Option<ProfileLine>| line.as_ref().map(|line| line.as_str().to_owned());
    doc! {
        "phonenumber": line(&contact.phonenumber),
        "instagram": line(&contact.instagram),
        "country": line(&contact.country),
    }
}

/// A new mail, due at once.
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

/// The mails that wait with a rider.
pub(in crate::mongodb) fn waiting_mails(user: &RawDocument) -> Result<Vec<WaitingMail>, StoreError> {
    let fields = Fields::of("user", user)?;
    let mails = fields.get("mails", "list", RawBsonRef::as_array)?;
    let mails = mails.into_iter().flatten();
    mails
        .map(|mail| {
            let mail = mail.map_err(|problem| fields.corrupt(problem))?;
            let mail = mail
                .as_document()
                .ok_or_else(|| fields.corrupt("a mail is no document"))?;
            waiting_mail(UserId(fields.id), mail)
        })
        .collect()
}

fn waiting_mail(user_id: UserId, mail: &RawDocument) -> Result<WaitingMail, StoreError> {
    let fields = Fields::of("mail", mail)?;
    let (to, kind) = (fields.text("to")?, fields.word("kind", &MailKind::ALL)?);
    let due_at = fields.instant("due_at")?;
    Ok(WaitingMail {
        due_at: fields.required("due_at", due_at)?,
        mail: OutboxMail {
            id: MailId(fields.id),
            user_id,
            to: EmailAddress::stored(fields.required("to", to)?),
            kind: fields.required("kind", kind)?,
            created_at: fields.created_at()?,
            attempts: fields.count("attempts")?,
        },
    })
}
