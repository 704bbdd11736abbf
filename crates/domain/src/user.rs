//! Riders and their accounts.

use crate::email_address::EmailAddress;
use crate::id::UserId;
use crate::password::PasswordHash;
use crate::text::{Name, ProfileLine};

/// A rider's account, whole. What others may see of it is a [`PublicProfile`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// Where mails go, and what the rider logs in by.
    pub email: EmailAddress,
    /// Whether a mail to that address was answered.
    pub is_verified: bool,
    /// What the rider is called.
    pub name: Name,
    /// How others may reach them.
    pub contact: Contact,
    /// The bcrypt hash of the password.
    pub password: PasswordHash,
    /// How often the password was changed; tokens carry it, so that a change outdates them.
    pub credential_version: u32,
    /// How often the address was changed. Mailed tokens carry it, so that a link stays invalid when the address
    /// comes back.
    pub address_version: u32,
}

/// The lines of a profile that a rider may leave empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// Telephone number, as the rider wrote it.
    pub phonenumber: Option<ProfileLine>,
    /// Name on Instagram.
    pub instagram: Option<ProfileLine>,
    /// Where the rider comes from.
    pub country: Option<ProfileLine>,
}

/// What another rider sees of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicProfile {
    /// The account's id.
    pub id: UserId,
    /// What the rider is called.
    pub name: Name,
    /// Whether their address is verified.
    pub is_verified: bool,
    /// Telephone number and Instagram name are here only for a verified reader.
    pub contact: Contact,
}

impl User {
    /// What `reader` may see of this account.
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
