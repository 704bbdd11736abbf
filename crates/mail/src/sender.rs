//! Whom the mails are from.

use std::fmt;
use std::str::FromStr;

use lettre::Address;
use lettre::message::Mailbox;

use crate::domain_name;

/// The sender of every mail: an address, with or without a name before it (`Kairos <kairos@example.org>`).
///
/// A host without a dot (`kairos@localhost`) will do, unlike in a rider's address: a fresh install has no better one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// The text names no sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a sender is written as `Kairos <kairos@example.org>` or `kairos@example.org`, with an ASCII mailbox"
)]
pub struct InvalidSender;

impl Sender {
    /// The sender as a `From` field has it.
    pub(crate) const fn mailbox(&self) -> &Mailbox {
        &self.0
    }

    /// What is behind the `@`.
    pub(crate) fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

impl FromStr for Sender {
    type Err = InvalidSender;

    /// Reads a bare address or a name with an address in angle brackets.
    ///
    /// A domain goes out in its ASCII form. The mailbox must be ASCII: many servers refuse any other, and it
    /// would be found out mail by mail instead of at the start.
    fn from_str(text: &str) -> Result<Self, InvalidSender> {
        // A line break would be folded into the name and surprise every reader of the header.
        if text.chars().any(char::is_control) {
            return Err(InvalidSender);
        }
        let mailbox: Mailbox = text.trim().parse().map_err(|_| InvalidSender)?;
        if !mailbox.email.user().is_ascii() {
            return Err(InvalidSender);
        }
        let domain = domain_name::to_ascii(mailbox.email.domain()).ok_or(InvalidSender)?;
        let address = Address::new(mailbox.email.user(), domain).map_err(|_| InvalidSender)?;
        Ok(Self(Mailbox::new(mailbox.name, address)))
    }
}

impl fmt::Display for Sender {
    /// The name, quoted where it must be, and the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for (text, shown) in [
            ("Kairos <kairos@localhost>", "Kairos <kairos@localhost>"),
            (" kairos@example.org ", "kairos@example.org"),
            ("<kairos@example.org>", "kairos@example.org"),
            (
                "\"Kairos, Inc.\" <no-reply@mail.example.org>",
                "\"Kairos, Inc.\" <no-reply@mail.example.org>",
            ),
            (
                "Vélo Kairos <kairos@exämple.org>",
                "Vélo Kairos <kairos@xn--exmple-cua.org>",
            ),
        ] {
            let sender: Sender = text.parse().unwrap();
            assert_eq!(sender.to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_sender_is_refused() {
        for text in [
            "",
            "Kairos",
            "Kairos <>",
            "Kairos <kairos>",
            "kaïros@example.org",
            "Kairos <a@example.org>\r\nBcc: <b@example.org>",
            "a@example.org, b@example.org",
        ] {
            assert_eq!(text.parse::<Sender>(), Err(InvalidSender), "{text:?}");
        }
    }
}
