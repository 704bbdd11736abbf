//! E-mail addresses, stored as the rider wrote them and compared by a key.

use std::fmt;

use email_address::Options;
use unicode_normalization::UnicodeNormalization as _;

/// A deliverable address: a mailbox at a domain with a dot.
///
/// It has at most 254 bytes (RFC 5321, 4.5.3.1.3).
///
/// A quoted mailbox (`"ann, bob"@example.org`) is rejected although the RFC allows it. Such addresses are not
/// in use, and mail programs interpret them differently.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

/// The key by which addresses are compared: two spellings of one address have the same key.
///
/// It is the mailbox in NFC and lower case, and the domain in its ASCII form (UTS 46, non-transitional),
/// without surrounding white space.
///
/// RFC 5321 defines the mailbox as case-sensitive. In practice, mailboxes that differ in case only belong to
/// one person.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailKey(String);

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("value is not a valid email address")]
pub struct InvalidEmailAddress;

impl EmailAddress {
    /// Parses an address as a rider types it, without a display name.
    ///
    /// Surrounding white space is removed, because phone keyboards add it.
    ///
    /// # Errors
    /// [`InvalidEmailAddress`] for anything that is not `mailbox@domain.tld`.
    pub fn parse(text: &str) -> Result<Self, InvalidEmailAddress> {
        let options = Options::default()
            .without_display_text()
            .without_domain_literal()
            .with_required_tld();
        let text = text.trim();
        if text.len() > 254 || text.contains(|character: char| character.is_control() || character == '"') {
            return Err(InvalidEmailAddress);
        }
        let (mailbox, domain) = text.rsplit_once('@').ok_or(InvalidEmailAddress)?;
        let domain = idna::domain_to_ascii(domain).map_err(|_| InvalidEmailAddress)?;
        let address = format!("{mailbox}@{domain}");
        email_address::EmailAddress::parse_with_options(&address, options)
            .map_err(|_| InvalidEmailAddress)?;
        Ok(Self(text.to_owned()))
    }

    /// Wraps a stored address without validating it again.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the address as the rider wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Returns the key by which addresses are compared.
    #[must_use]
    pub fn key(&self) -> EmailKey {
        EmailKey::of(&self.0)
    }
}

impl EmailKey {
    /// Returns the key of any text. The text of a log-in form need not be an address.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        // No account has an address of this length, and normalising the text would cost time.
        if text.len() > MOST_NORMALISED_BYTES {
            return Self(text.to_owned());
        }
        let Some((mailbox, domain)) = text.rsplit_once('@') else {
            return Self(lower_case(text));
        };
        let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| lower_case(domain));
        Self(format!("{}@{domain}", lower_case(mailbox)))
    }

    /// Returns the text of the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key with the domain in Unicode.
    #[must_use]
    pub fn in_unicode(&self) -> String {
        match self.0.rsplit_once('@') {
            Some((mailbox, domain)) => format!("{mailbox}@{}", idna::domain_to_unicode(domain).0),
            None => self.0.clone(),
        }
    }
}

/// The longest text that is normalised. An address of 320 characters has at most 1280 bytes.
const MOST_NORMALISED_BYTES: usize = 2048;

/// Returns a text in NFC and lower case. It composes twice, because a change of case can decompose letters.
fn lower_case(text: &str) -> String {
    text.nfc().collect::<String>().to_lowercase().nfc().collect()
}

// Addresses do not belong in logs.
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
    fn all_spellings_of_an_address_have_one_key() {
        for (spellings, key) in [
            (
                &[
                    "ann@müller.example",
                    "ANN@MÜLLER.EXAMPLE",
                    "ann@mu\u{308}ller.example",
                    "ann@xn--mller-kva.example",
                    "Ann@XN--MLLER-KVA.Example",
                    "ann@ｍüller．example",
                    "ann@müller。example",
                    " \u{a0}\u{3000}ann@müller.example\r\n",
                ][..],
                "ann@xn--mller-kva.example",
            ),
            (
                &["zo\u{eb}@a.example", "ZO\u{45}\u{308}@A.example"],
                "zo\u{eb}@a.example",
            ),
            // Non-transitional: it is another domain than `strasse`.
            (
                &["a@straße.example", "a@STRASSE.example"][..1],
                "a@xn--strae-oqa.example",
            ),
            // A text that is no address has a key, too.
            (&["Ann", " ann\t"], "ann"),
            (&["A@a b", "a@A B"], "a@a b"),
            (&["A@b@c.example"], "a@b@c.example"),
            (&["ANN@xn--a.example"], "ann@xn--a.example"),
            (&["", "  "], ""),
        ] {
            for spelling in spellings {
                assert_eq!(EmailKey::of(spelling).as_str(), key, "{spelling:?}");
                // A key is its own key: stores compute keys anew.
                assert_eq!(EmailKey::of(key).as_str(), key);
            }
        }
        assert_eq!(
            EmailKey::of("Ann@xn--mller-kva.example").in_unicode(),
            "ann@müller.example"
        );
    }

    #[test]
    fn white_space_around_an_address_is_no_part_of_it() {
        let address = EmailAddress::parse("\u{2003}Ann@Example.org \n").unwrap();
        assert_eq!(address.as_str(), "Ann@Example.org");
        assert!(EmailAddress::parse("ann @example.org").is_err());
        for domain in ["müller.example", "ｍüller．example", "例え。テスト"] {
            let text = format!("ann@{domain}");
            assert_eq!(EmailAddress::parse(&text).unwrap().as_str(), text);
        }
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
            "ann@ex\u{202e}ample.org",
            "ann@xn--a.example",
            &long,
        ] {
            assert_eq!(EmailAddress::parse(text), Err(InvalidEmailAddress), "{text:?}");
        }
    }
}
