//! The client of a request, identified by its network address.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The origin of a request for rate limits: an IPv4 address, or the /64 network of an IPv6 address.
///
/// A subscriber has at least a /64 (RFC 6177) and can use another address of it for each request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

/// The bits of an IPv6 address that identify its /64 network.
const NETWORK: u128 = !(u64::MAX as u128);

impl Client {
    /// Returns the client at an address. The address can be IPv4-mapped (`::ffff:192.0.2.1`).
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// Network addresses of riders do not belong in logs.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> Client {
        Client::at(address.parse().unwrap())
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_client() {
        assert_eq!(
            client("2001:db8:1:2::1"),
            client("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
        assert_eq!(client("2001:db8:1:2:3::").to_string(), "2001:db8:1:2::");
    }

    #[test]
    fn an_ipv4_address_is_a_client_however_it_is_written() {
        assert_eq!(client("192.0.2.1"), client("::ffff:192.0.2.1"));
        assert_ne!(client("192.0.2.1"), client("192.0.2.2"));
    }
}
