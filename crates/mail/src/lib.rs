//! Renders the mails of Kairos and sends them.
//!
//! Three clients implement the domain's port [`Mailer`](kairos_domain::mail::Mailer). [`Resend`] sends a mail
//! through Resend's REST API, [`Smtp`] through a mail server. [`Folder`] writes it to a file, for a service
//! that runs on one's own machine. All three send the same letters, rendered from the templates compiled into
//! this crate.
//!
//! The crate must not depend on the stores, the HTTP routes or the environment. It creates no tokens and
//! keeps no outbox. Retries are the outbox's work: a client tries once, within a bounded time, and reports
//! the result. No error of this crate contains an address, a link or a token, so every error may be logged.
//!
//! Start reading at the module `letter` (the text of a mail), then `mime` (its encoding).

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
