use kairos_domain::id::UserId;
use kairos_domain::text::ProfileLine;
use kairos_domain::user::{self, PublicProfile};
use serde::Serialize;
use utoipa::ToSchema;

use super::text;

/// A rider's own account.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "_id": "665f1c2ab8e4d90012a4c7e1",
    "email": "ann@example.org",
    "name": "Ann",
    "phonenumber": "+43 660 1234567",
    "instagram": "ann.on.two.wheels",
    "country": "AT",
    "is_verified": true,
}))]
pub(crate) struct User {
    /// Id of the rider.
    #[serde(rename = "_id", serialize_with = "text::id")]
    #[schema(value_type = String)]
    id: UserId,
    /// E-mail address, as the rider wrote it. Other riders never see it.
    #[schema(format = "email")]
    email: String,
    /// Name that other riders see.
    name: String,
    /// Telephone number, which riders with a verified address can read. Null if there is none.
    phonenumber: Option<String>,
    /// Name on Instagram, which riders with a verified address can read. Null if there is none.
    instagram: Option<String>,
    /// Country, which every rider can read. Null if there is none.
    country: Option<String>,
    /// Whether the rider has followed the link that was mailed to the address.
    is_verified: bool,
}

/// The part of an account that other riders see.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "_id": "665f1c2ab8e4d90012a4c7f1",
    "name": "Ben",
    "country": "DE",
    "is_verified": true,
    "phonenumber": null,
    "instagram": "ben.rides.upstream",
}))]
pub(crate) struct PublicUser {
    /// Id of the rider.
    #[serde(rename = "_id", serialize_with = "text::id")]
    #[schema(value_type = String)]
    id: UserId,
    /// Name of the rider.
    name: String,
    /// Country of the rider. Null if there is none.
    country: Option<String>,
    /// Whether the rider has followed the link that was mailed to the rider's address.
    is_verified: bool,
    /// Telephone number. Null if there is none, or if the reader's own address is not verified.
    phonenumber: Option<String>,
    /// Name on Instagram. Null if there is none, or if the reader's own address is not verified.
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
