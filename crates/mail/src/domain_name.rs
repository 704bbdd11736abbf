//! Host names in ASCII, the form that every mail server accepts.

/// Returns a domain in its ASCII form (UTS 46, non-transitional).
///
/// The result is `None` if the domain cannot be a host name.
pub(crate) fn to_ascii(domain: &str) -> Option<String> {
    let ascii = if domain.is_ascii() {
        domain.to_owned()
    } else {
        idna::domain_to_ascii(domain).ok()?
    };
    let is_name = ascii.len() <= 253
        && ascii.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        });
    is_name.then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_an_ascii_form() {
        for (domain, ascii) in [
            ("Example.ORG", "Example.ORG"),
            ("exämple.org", "xn--exmple-cua.org"),
            ("Straße.example", "xn--strae-oqa.example"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ("ｍａｉｌ．example", "mail.example"),
            ("mx_1.example", "mx_1.example"),
        ] {
            assert_eq!(to_ascii(domain).as_deref(), Some(ascii), "{domain}");
        }
    }

    #[test]
    fn what_no_host_is_called_has_none() {
        let long = format!("{}.example", "ä".repeat(80));
        for domain in [
            "",
            "a b.example",
            "a..example",
            "[192.0.2.1]",
            "ex>ample.org",
            "a\r\nb.example",
            "ä\u{202e}.example",
            &long,
        ] {
            assert_eq!(to_ascii(domain), None, "{domain:?}");
        }
    }
}
