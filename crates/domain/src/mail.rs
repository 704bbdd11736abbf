//! Mails: their content, the entries of the outbox, and the port that sends them.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::email_address::EmailAddress;
use crate::id::{MailId, UserId};
use crate::text::Name;

/// The kind of a mail. The outbox holds no tokens: a token is made when the mail is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// Asks a rider to verify an address.
    VerifyEmail,
    /// Contains a link that sets a new password.
    ResetPassword,
    /// Notifies the old address that the account has a new one.
    AddressChanged,
}

impl MailKind {
    /// Every kind, with its word in the stores and the log.
    pub const ALL: [(&'static str, Self); 3] = [
        ("verify_email", Self::VerifyEmail),
        ("reset_password", Self::ResetPassword),
        ("address_changed", Self::AddressChanged),
    ];

    /// Returns the word for this kind in the stores and the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::AddressChanged => "address_changed",
        }
    }
}

/// A mail in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMail {
    /// The id of the mail, also at the provider.
    pub id: MailId,
    /// The rider whose account the mail is about.
    pub user_id: UserId,
    /// The address of the recipient.
    pub to: EmailAddress,
    /// The kind of the mail.
    pub kind: MailKind,
    /// The time of the act that caused the mail.
    pub created_at: DateTime<Utc>,
    /// The number of attempts to send the mail, including the present one.
    pub attempts: u32,
}

/// A mail that is ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The id of the mail. A provider that receives the same id twice sends one mail.
    pub id: MailId,
    /// The address of the recipient.
    pub to: EmailAddress,
    /// The name in the greeting; `None` if the address is not verified.
    ///
    /// Anybody may have registered an unverified address, under any name. The name is text from the rider, so
    /// it can contain anything.
    pub rider_name: Option<Name>,
    /// The content of the mail.
    pub content: MessageContent,
}

/// The content of a mail.
#[derive(Clone, PartialEq, Eq)]
pub enum MessageContent {
    /// Asks the rider to open a link that verifies the address.
    VerifyEmail {
        /// An absolute URL that carries a token.
        link: String,
        /// The lifetime of the link in minutes.
        valid_minutes: u64,
    },
    /// Asks the rider to open a link that sets a new password.
    ResetPassword {
        /// An absolute URL that carries a token.
        link: String,
        /// The lifetime of the link in minutes.
        valid_minutes: u64,
    },
    /// Says that the account has another address now.
    AddressChanged,
    /// A test mail of an operator. It is never in the outbox.
    Test,
}

impl MessageContent {
    /// Returns the kind of the mail, or `None` for a test mail.
    #[must_use]
    pub const fn kind(&self) -> Option<MailKind> {
        match self {
            Self::VerifyEmail { .. } => Some(MailKind::VerifyEmail),
            Self::ResetPassword { .. } => Some(MailKind::ResetPassword),
            Self::AddressChanged => Some(MailKind::AddressChanged),
            Self::Test => None,
        }
    }
}

// The output omits the address and the token, which do not belong in logs.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("kind", &self.content.kind())
            .finish_non_exhaustive()
    }
}

/// A mail was not sent. The text goes to the log, so it contains no address and no token.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The provider rejects the mailbox or the mail permanently, so a retry would fail, too.
    #[error("{0}")]
    Permanent(Box<dyn Error + Send + Sync>),
    /// A retry may succeed, possibly only after the operator has fixed a problem.
    #[error("{cause}")]
    Transient {
        /// The failure, for the log.
        cause: Box<dyn Error + Send + Sync>,
        /// The time for the next attempt, if the provider has named one.
        retry_after: Option<RetryAfter>,
    },
}

/// The earliest time for the next attempt, as named by a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// A delay after the response.
    Delay(Duration),
    /// An instant.
    Instant(DateTime<Utc>),
}

impl MailError {
    /// Returns an error after which the worker does not retry.
    pub fn permanent(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Permanent(cause.into())
    }

    /// Returns an error after which the worker retries with its usual delay.
    pub fn transient(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Transient {
            cause: cause.into(),
            retry_after: None,
        }
    }
}

/// The port to a mail provider.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a message, and returns when the provider has accepted it.
    ///
    /// # Errors
    /// [`MailError::Permanent`] if the provider has rejected the message permanently, else
    /// [`MailError::Transient`]. It is `Transient`, too, if it is unknown whether the provider has accepted
    /// the message.
    async fn send(&self, message: &Message) -> Result<(), MailError>;
}
