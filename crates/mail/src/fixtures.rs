//! Messages that the tests of the mail clients send.

use kairos_domain::email_address::EmailAddress;
use kairos_domain::id::{MailId, ObjectId};
use kairos_domain::mail::{Message, MessageContent};
use kairos_domain::text::Name;

/// A link as long as those the service sends.
pub(crate) const LINK: &str = "http://localhost:8000/verify?token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3NzkyNzg0MDAsInN1YiI6ImFubkBleGFtcGxlLm9yZyIsInNjb3BlIjoiZW1haWxfdmVyaWZpY2F0aW9uIn0.abcdefghijklmnopqrstuvwxyz-_0123456789";

/// Returns the mail that asks `ann@example.org` to verify her address.
pub(crate) fn verify_message() -> Message {
    Message {
        id: MailId(ObjectId::from_bytes([7; 12])),
        to: EmailAddress::parse("ann@example.org").unwrap(),
        rider_name: None,
        content: MessageContent::VerifyEmail {
            link: LINK.to_owned(),
            valid_minutes: 15,
        },
    }
}

/// Returns the password reset mail to the same address, for a rider of this name.
pub(crate) fn reset_message(rider_name: &str) -> Message {
    Message {
        rider_name: Some(Name::stored(rider_name.to_owned())),
        content: MessageContent::ResetPassword {
            link: LINK.to_owned(),
            valid_minutes: 15,
        },
        ..verify_message()
    }
}
