use kairos_domain::id::UserId;
use kairos_domain::text::ProfileLine;
use kairos_domain::user::{self, PublicProfile};
use serde::Serialize;
use utoipa::ToSchema;

use super::text;

/// A rider's own account.
#[derive(Serialize, ToSchema)]
pub(crate) struct User {
    #[serde(rename = "_id", serialize_with = "text::id")]
    #[schema(value_type = String, example = "665f1c2ab8e4d90012a4c7e1")]
    id: UserId,
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

/// The part of an account that other riders see.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublicUser {
    #[serde(rename = "_id", serialize_with = "text::id")]
    #[schema(value_type = String, example = "665f1c2ab8e4d90012a4c7e1")]
    id: UserId,
    name: String,
    country: Option<String>,
    /// Whether a mail to the rider's address was answered.
    is_verified: bool,
    /// Null unless the reader is verified.
    phonenumber: Option<String>,
    /// Null unless the reader is verified.
    instagram: Option<String>,
}

impl From<user::User> for User {
    fn from(user: user::User) -> Self {
        Self {
            id: user.id,
            email: user.email.into_string(),
            name: user.name.into_string(),
            phonenumber: user.contact.phonenumber.map(ProfileLine::into_string),
            instagram: user.contact.instagram.map(ProfileLine::into_string),
            country: user.contact.country.map(ProfileLine::into_string),
            is_verified: user.is_verified,
        }
    }
}

impl From<PublicProfile> for PublicUser {
    fn from(profile: PublicProfile) -> Self {
        Self {
            id: profile.id,
            name: profile.name.into_string(),
            country: profile.contact.country.map(ProfileLine::into_string),
            is_verified: profile.is_verified,
            phonenumber: profile.contact.phonenumber.map(ProfileLine::into_string),
            instagram: profile.contact.instagram.map(ProfileLine::into_string),
        }
    }
}
