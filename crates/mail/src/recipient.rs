//! The address of a recipient, in the form that mail servers and providers accept.

use kairos_domain::email_address::EmailAddress;
use kairos_domain::mail::MailError;
use lettre::Address;

use crate::domain_name;

/// Returns the address with its domain in ASCII.
///
/// A server then needs extra support only for a non-ASCII mailbox.
///
/// Databases contain addresses that today's rules reject, such as `two..dots@example.org`. This function
/// accepts them. It rejects only characters that would end the SMTP command or the header field.
pub(crate) fn deliverable(address: &EmailAddress) -> Result<Address, MailError> {
    let is_harmless = |mailbox: &str| {
        !mailbox.is_empty()
            && !mailbox
                .contains(|c: char| c.is_control() || c.is_whitespace() || "<>()[]\\,;:@\"".contains(c))
    };
    address
        .as_str()
        .rsplit_once('@')
        .filter(|(mailbox, _)| is_harmless(mailbox))
        .and_then(|(mailbox, domain)| Some(Address::new_dangerous(mailbox, domain_name::to_ascii(domain)?)))
        .ok_or_else(|| MailError::permanent("the address can't stand in a mail"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivered_to(address: &str) -> Result<String, MailError> {
        deliverable(&EmailAddress::stored(address.to_owned())).map(|address| address.to_string())
    }

    #[test]
    fn a_domain_goes_out_in_ascii_and_a_mailbox_as_it_is() {
        for (address, delivered) in [
            ("ann+x=y@example.org", "ann+x=y@example.org"),
            ("o'neill@exämple.org", "o'neill@xn--exmple-cua.org"),
            ("Zoë@Exämple.org", "Zoë@xn--exmple-cua.org"),
            ("two..dots@example.com", "two..dots@example.com"),
        ] {
            assert_eq!(delivered_to(address).unwrap(), delivered);
        }
    }

    #[test]
    fn an_address_that_would_end_the_command_is_refused_for_good() {
        for address in [
            "",
            "ann",
            "@example.org",
            "a b@example.org",
            "ann@example.org>\r\nRCPT TO:<eve@example.org",
            "ann>@example.org",
            "ann,eve@example.org",
            "ann@eve@example.org",
            "ann@a b.example",
        ] {
            let refused = delivered_to(address).unwrap_err();
            assert!(matches!(refused, MailError::Permanent(_)), "{address:?}");
        }
    }
}
