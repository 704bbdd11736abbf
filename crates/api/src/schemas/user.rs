use kairos_domain::text::ProfileLine;
use kairos_domain::user::{self, PublicProfile};
use serde::Serialize;
use utoipa::ToSchema;

/// A rider's own account.
#[derive(Serialize, ToSchema)]
pub(crate) struct User {
    #[serde(rename = "_id")]
    #[schema(example = "665f1c2ab8e4d90012a4c7e1")]
    id: String,
    /// As the rider wrote it.
    #[schema(format = "email")]
    email: String,
    name: String,
    phonenumber: Option<String>,
    instagram: Option<String>,
    country: Option<String>,
    /// Whether a mail to the address was answered.
    is_verified: bool,
}

/// What another rider sees of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublicUser {
    #[serde(rename = "_id")]
    #[schema(example = "665f1c2ab8e4d90012a4c7e1")]
    id: String,
    name: String,
    country: Option<String>,
    /// Whether a mail to the rider's address was answered.
    is_verified: bool,
    /// Null unless the reader is verified.
    phonenumber: Option<String>,
    /// Null unless the reader is verified.
    instagram: Option<String>,
}

fn text(line: Option<ProfileLine>) -> Option<String> {
    line.map(|line| line.as_str().to_owned())
}

impl From<user::User> for User {
    fn from(user: user::User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.as_str().to_owned(),
            name: user.name.as_str().to_owned(),
            phonenumber: text(user.contact.phonenumber),
            instagram: text(user.contact.instagram),
            country: text(user.contact.country),
            is_verified: user.is_verified,
        }
    }
}

impl From<PublicProfile> for PublicUser {
    fn from(profile: PublicProfile) -> Self {
        Self {
            id: profile.id.to_string(),
            name: profile.name.as_str().to_owned(),
            country: text(profile.contact.country),
            is_verified: profile.is_verified,
            phonenumber: text(profile.contact.phonenumber),
            instagram: text(profile.contact.instagram),
        }
    }
}
