//! Mail: what Kairos writes, the outbox it waits in, and the port it leaves by.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::email_address::EmailAddress;
use crate::id::{MailId, UserId};
use crate::text::Name;

/// What a mail is about. It holds no token: that is made when the mail is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// Asks a rider to show that an address is theirs.
    VerifyEmail,
    /// Lets a rider set a new password.
    ResetPassword,
    /// Tells the old address that the account has a new one.
    AddressChanged,
}

impl MailKind {
    /// Every kind with the word that stands for it in the stores and the log.
    pub const ALL: [(&'static str, Self); 3] = [
        ("verify_email", Self::VerifyEmail),
        ("reset_password", Self::ResetPassword),
        ("address_changed", Self::AddressChanged),
    ];

    /// The word that stands for it in the stores and the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::AddressChanged => "address_changed",
        }
    }
}

/// A mail that is due, as the outbox keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMail {
    /// Its id, which is also what the provider knows it by.
    pub id: MailId,
    /// Whom it is about.
    pub user_id: UserId,
    /// Where it goes.
    pub to: EmailAddress,
    /// What it is about.
    pub kind: MailKind,
    /// When the act happened that it belongs to.
    pub created_at: DateTime<Utc>,
    /// How often sending it was begun.
    pub attempts: u32,
}

/// A mail that is ready to leave.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id: a provider that is handed the same id twice sends one mail.
    pub id: MailId,
    /// Where it goes.
    pub to: EmailAddress,
    /// The name in the greeting. It is `None` in a mail to an address that is not verified: anybody may have
    /// registered that address, under any name. The rider wrote the name, so it may hold anything.
    pub rider_name: Option<Name>,
    /// What it says.
    pub content: MessageContent,
}

/// What a mail says.
#[derive(Clone, PartialEq, Eq)]
pub enum MessageContent {
    /// Open this link to show that the address is yours.
    VerifyEmail {
        /// An absolute URL that carries a token.
        link: String,
        /// For how many minutes the link is good.
        valid_minutes: u64,
    },
    /// Open this link to set a new password.
    ResetPassword {
        /// An absolute URL that carries a token.
        link: String,
        /// For how many minutes the link is good.
        valid_minutes: u64,
    },
    /// The account has another address now.
    AddressChanged,
    /// An operator tries whether mail arrives. It never waits in the outbox.
    Test,
}

impl MessageContent {
    /// Returns the kind of mail in the outbox that it is sent for, if any.
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

// A message holds an address and a live token.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("kind", &self.content.kind())
            .finish_non_exhaustive()
    }
}

/// A mail did not leave. The text goes to the log, so it names no address and no token.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The mailbox or the mail was refused for good: every further attempt would be refused, too.
    #[error("{0}")]
    Permanent(Box<dyn Error + Send + Sync>),
    /// A later attempt may succeed, by itself or after the operator has mended something.
    #[error("{cause}")]
    Transient {
        /// The failure, for the log.
        cause: Box<dyn Error + Send + Sync>,
        /// When the provider wants the next attempt, if it has said so.
        retry_after: Option<RetryAfter>,
    },
}

/// The earliest time for the next attempt, as a provider names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// This long after the answer.
    Delay(Duration),
    /// This instant.
    Instant(DateTime<Utc>),
}

impl MailError {
    /// Returns an error after which no further attempt is made.
    pub fn permanent(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Permanent(cause.into())
    }

    /// Returns an error after which the worker tries again in its own time.
    pub fn transient(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Transient {
            cause: cause.into(),
            retry_after: None,
        }
    }
}

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands a message to whoever delivers it, and returns when they have taken it.
    ///
    /// # Errors
    /// [`MailError::Permanent`] when they have refused it for good, else [`MailError::Transient`], also when
    /// it is unknown whether they have taken it.
    async fn send(&self, message: &Message) -> Result<(), MailError>;
}
