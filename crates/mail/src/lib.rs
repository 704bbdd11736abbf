//! The mails of Kairos: what they say, and the ways they leave.
//!
//! Three clients stand behind the domain's port [`Mailer`](kairos_domain::mail::Mailer): [`Resend`] hands a
//! mail to Resend's REST API, [`Smtp`] to a mail server, and [`Folder`] writes it to a file, for a service that
//! runs on one's own machine. They all send the same letters, which are rendered from the templates compiled
//! into this crate.
//!
//! The crate must not know the stores, HTTP routes or the environment; it makes no token and keeps no outbox.
//! Retrying is the outbox's work: a client tries once, within a bounded time, and tells honestly what came of
//! it. No error of this crate names an address, a link or a token, so every one may be logged.
//!
//! Start reading at the module `letter` (what a mail says), then `mime` (how it is encoded).

mod causes;
mod domain_name;
mod error;
#[cfg(test)]
mod fixtures;
mod folder;
mod greeting;
mod letter;
mod loopback;
mod mime;
mod recipient;
mod resend;
mod sender;
mod smtp;

pub use error::MailSetupError;
pub use folder::Folder;
pub use loopback::is_loopback;
pub use resend::{Resend, ResendSettings};
pub use sender::{InvalidSender, Sender};
pub use smtp::{HelloName, InvalidHelloName, Smtp, SmtpCredentials, SmtpSettings, SmtpTls};
