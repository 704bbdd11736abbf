//! The name by which this server introduces itself to a mail server.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use lettre::transport::smtp::extension::ClientId;

use crate::domain_name;

/// The name in `EHLO`: a host name in ASCII, or an address as a literal such as `[192.0.2.1]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelloName(ClientId);

/// The text is neither a host name nor an IP address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is neither a host name nor an IP address")]
pub struct InvalidHelloName;

impl HelloName {
    /// Returns the name of this machine, if the name contains a dot.
    ///
    /// A name without a dot, such as a container's id, means nothing to other hosts.
    #[must_use]
    pub fn of_this_machine() -> Option<Self> {
        match ClientId::default() {
            ClientId::Domain(name) => Self::qualified(&name),
            _ => None,
        }
    }

    fn qualified(machine: &str) -> Option<Self> {
        let name = machine.strip_suffix('.').unwrap_or(machine);
        name.contains('.').then(|| name.parse().ok()).flatten()
    }

    pub(super) const fn client_id(&self) -> &ClientId {
        &self.0
    }
}

impl FromStr for HelloName {
    type Err = InvalidHelloName;

    /// Parses a host name, which may be Unicode, or an IP address with or without brackets.
    fn from_str(text: &str) -> Result<Self, InvalidHelloName> {
        let bare = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .map_or(text, |inner| inner.strip_prefix("IPv6:").unwrap_or(inner));
        let client_id = match bare.parse() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) if bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {
                return Err(InvalidHelloName);
            }
            Err(_) => ClientId::Domain(domain_name::to_ascii(text).ok_or(InvalidHelloName)?),
        };
        Ok(Self(client_id))
    }
}

impl fmt::Display for HelloName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_in_ascii_and_an_address_as_a_literal() {
        for (text, written) in [
            ("mail.example.org", "mail.example.org"),
            ("vélo.example", "xn--vlo-bma.example"),
            ("localhost", "localhost"),
            ("192.0.2.1", "[192.0.2.1]"),
            ("[192.0.2.1]", "[192.0.2.1]"),
            ("2001:db8::1", "[IPv6:2001:db8::1]"),
            ("[2001:db8::1]", "[IPv6:2001:db8::1]"),
            ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
        ] {
            let name: HelloName = text.parse().unwrap();
            assert_eq!(name.to_string(), written);
        }
        for text in [
            "",
            "a b",
            "192.0.2",
            "mail.example.org\r\nMAIL",
            "[mail.example.org]",
            "a..b",
        ] {
            assert_eq!(text.parse::<HelloName>(), Err(InvalidHelloName), "{text:?}");
        }
    }

    #[test]
    fn a_machine_is_named_only_if_its_name_has_a_dot() {
        let written = |machine| HelloName::qualified(machine).map(|name| name.to_string());
        assert_eq!(written("ride.example.org").as_deref(), Some("ride.example.org"));
        assert_eq!(written("ride.example.org.").as_deref(), Some("ride.example.org"));
        for machine in ["5f2a9c1b7e30", "localhost", "localhost.", "", "a b.example"] {
            assert_eq!(written(machine), None, "{machine}");
        }
    }
}
