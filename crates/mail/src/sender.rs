//! The sender of the mails.

use std::fmt;
use std::str::FromStr;

use lettre::Address;
use lettre::message::Mailbox;

use crate::domain_name;

/// The sender of every mail: an address, optionally with a name (`Kairos <kairos@example.org>`).
///
/// Unlike in a rider's address, a host without a dot (`kairos@localhost`) is valid. A fresh installation has
/// no better one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// The text is not a valid sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a sender is written as `Kairos <kairos@example.org>` or `kairos@example.org`, with an ASCII mailbox"
)]
pub struct InvalidSender;

impl Sender {
    /// Returns the sender in the form of a `From` field.
    pub(crate) const fn mailbox(&self) -> &Mailbox {
        &self.0
    }

    /// Returns the part after the `@`.
    pub(crate) fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

impl FromStr for Sender {
    type Err = InvalidSender;

    /// Parses a bare address, or a name with an address in angle brackets.
    ///
    /// A domain is converted to ASCII. The mailbox must be ASCII because many servers reject any other.
    /// Without this check, the mistake would only show when mails fail.
    fn from_str(text: &str) -> Result<Self, InvalidSender> {
        // lettre would fold a line break into the name, which surprises every reader of the header.
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
    /// Writes the address, with the name before it if there is one. The name is quoted where necessary.
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
