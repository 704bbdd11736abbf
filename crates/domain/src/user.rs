//! Riders and their accounts.

use crate::email_address::EmailAddress;
use crate::id::UserId;
use crate::password::PasswordHash;
use crate::text::{Name, ProfileLine};

/// A rider's account with all fields. Other riders see a [`PublicProfile`] of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// The address for mails and for log-ins.
    pub email: EmailAddress,
    /// Whether the address is verified, by a mailed link or by an operator.
    pub is_verified: bool,
    /// The rider's name.
    pub name: Name,
    /// The contact lines of the profile.
    pub contact: Contact,
    /// The bcrypt hash of the password.
    pub password: PasswordHash,
    /// The number of password changes. Tokens contain it, so that a change invalidates them.
    pub credential_version: u32,
    /// The number of address changes. Mailed tokens contain it, so that a link stays invalid if the rider
    /// returns to the address.
    pub address_version: u32,
}

/// The lines of a profile that a rider may leave empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// Telephone number, as the rider wrote it.
    pub phonenumber: Option<ProfileLine>,
    /// Name on Instagram.
    pub instagram: Option<ProfileLine>,
    /// Country of the rider, as the rider wrote it.
    pub country: Option<ProfileLine>,
}

/// The part of an account that other riders see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicProfile {
    /// The account's id.
    pub id: UserId,
    /// The rider's name.
    pub name: Name,
    /// Whether the rider's address is verified.
    pub is_verified: bool,
    /// The contact lines. Telephone number and Instagram name are absent unless the reader is verified.
    pub contact: Contact,
}

impl User {
    /// Returns the part of this account that `reader` may see.
    #[must_use]
    pub fn public_profile(&self, reader: &Self) -> PublicProfile {
        let contact = if reader.is_verified {
            self.contact.clone()
        } else {
            Contact {
                country: self.contact.country.clone(),
                ..Contact::default()
            }
        };
        PublicProfile {
            id: self.id,
            name: self.name.clone(),
            is_verified: self.is_verified,
            contact,
        }
    }
}
