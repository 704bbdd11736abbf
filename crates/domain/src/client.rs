//! Who asks, as far as the network tells.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Where a request comes from, as far as it counts for limits: an IPv4 address, or the /64 network of an IPv6 address.
///
/// A single subscriber is given a /64 at least (RFC 6177), and may use another of its addresses for each request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

/// The bits of an IPv6 address that name its network.
const NETWORK: u128 = !(u64::MAX as u128);

impl Client {
    /// The client at an address; an IPv4 address may be written as an IPv6 one (`::ffff:192.0.2.1`).
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

// Where somebody is is not for the log.
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
