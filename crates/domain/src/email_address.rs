//! E-mail addresses, kept as their owner wrote them and compared without case.

use std::fmt;

use email_address::Options;

/// A deliverable address: a mailbox at a domain with a dot in it, at most 254 bytes (RFC 5321, 4.5.3.1.3).
///
/// A mailbox in quotes (`"ann, bob"@example.org`) is not taken, though the RFC allows it: nobody has one, and mail programs disagree about
/// whom it means.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

/// What makes two spellings the same address: the lower-cased text (Unicode).
///
/// The local part is case-sensitive by the letter of RFC 5321; in practice nobody means two people by it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailKey(String);

/// The text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("value is not a valid email address")]
pub struct InvalidEmailAddress;

impl EmailAddress {
    /// Reads an address as a rider types it, without a display name.
    ///
    /// # Errors
    /// [`InvalidEmailAddress`] for anything that is not `mailbox@domain.tld`.
    pub fn parse(text: &str) -> Result<Self, InvalidEmailAddress> {
        let options = Options::default()
            .without_display_text()
            .without_domain_literal()
            .with_required_tld();
        if text.len() > 254 || text.contains(|character: char| character.is_control() || character == '"') {
            return Err(InvalidEmailAddress);
        }
        email_address::EmailAddress::parse_with_options(text, options).map_err(|_| InvalidEmailAddress)?;
        Ok(Self(text.to_owned()))
    }

    /// Takes an address that a store holds; what was accepted once is not judged again.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The address as its owner wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// The key by which addresses are compared.
    #[must_use]
    pub fn key(&self) -> EmailKey {
        EmailKey::of(&self.0)
    }
}

impl EmailKey {
    /// The key of any text, be it an address or not: a log-in form may hold anything.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    /// The lower-cased text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// Addresses are nobody's business, the log's neither.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

impl fmt::Debug for EmailKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_as_written_and_compared_without_case() {
        let written = EmailAddress::parse("Zoë.Müller@Example.ORG").unwrap();
        assert_eq!(written.as_str(), "Zoë.Müller@Example.ORG");
        assert_eq!(written.key(), EmailKey::of("zoë.müller@example.org"));
    }

    #[test]
    fn what_cannot_be_delivered_is_refused() {
        let long = format!("{}@example.org", "a".repeat(250));
        for text in [
            "",
            "ann",
            "ann@",
            "@example.org",
            "ann@localhost",
            "ann@[127.0.0.1]",
            "Ann <ann@example.org>",
            "a b@example.org",
            "ann@example.org\r\nBcc: eve@example.org",
            "ann@example.org\0",
            "a..b@example.org",
            "\"ann, bob\"@example.org",
            "\"ann\"@example.org",
            "ann@example..org",
            &long,
        ] {
            assert_eq!(EmailAddress::parse(text), Err(InvalidEmailAddress), "{text:?}");
        }
    }
}
