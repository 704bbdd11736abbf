use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use kairos_domain::client::Client;

use crate::ApiSettings;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of every unknown client.
///
/// Unknown clients count as one client and share its limits, which is the safe choice.
const NOBODY_KNOWS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The proxies that may name the client of a request.
pub(super) struct Proxies {
    trusted: Vec<IpNet>,
    /// Whether the next request with `X-Forwarded-For` causes a warning.
    reports_next: AtomicBool,
}

impl Proxies {
    pub(super) fn new(settings: &ApiSettings) -> Self {
        Self {
            trusted: settings.trusted_proxies.clone(),
            reports_next: AtomicBool::new(settings.lacks_trusted_proxies),
        }
    }

    /// Adds the client to the extensions of a request.
    ///
    /// The client is the peer of the connection. If that is a trusted proxy, the client is the address that
    /// the proxy forwards for.
    pub(super) fn note_client(&self, mut request: Request) -> Request {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(NOBODY_KNOWS, |ConnectInfo(peer)| peer.ip());
        let client = Client::at(speaks_for(peer, request.headers(), &self.trusted));
        if request.headers().contains_key(X_FORWARDED_FOR) && self.reports_next.swap(false, Ordering::Relaxed)
        {
            tracing::warn!(
                "requests have X-Forwarded-For, and TRUSTED_PROXIES is not set; \
                 behind a proxy, all riders look like one client and share its limits"
            );
        }
        request.extensions_mut().insert(client);
        request
    }
}

/// Returns the address that a peer speaks for.
///
/// Each proxy appends the address of its own peer to `X-Forwarded-For`. Only entries that trusted proxies
/// appended are reliable. The client is therefore the first address from the right that is no trusted proxy.
/// Anybody may have written the entries to its left.
fn speaks_for(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted_proxies.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    let heard_from = headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let mut heard_from: Vec<&[u8]> = heard_from.collect();
    while is_trusted(&client)
        && let Some(address) = heard_from.pop().and_then(address)
    {
        client = address;
    }
    client
}

/// Parses an address.
///
/// Some proxies add a port, brackets around an IPv6 address, or quotes around the whole entry.
fn address(part: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(part).ok()?.trim();
    let unquoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let text = unquoted.unwrap_or(text).trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn found(peer: &str, forwarded: &[&str]) -> String {
        let trusted_proxies =
            ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8"].map(|network| network.parse().unwrap());
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(
                X_FORWARDED_FOR,
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        speaks_for(peer.parse().unwrap(), &headers, &trusted_proxies).to_string()
    }

    #[test]
    fn a_peer_that_is_no_trusted_proxy_speaks_for_itself() {
        assert_eq!(found("203.0.113.1", &[]), "203.0.113.1");
        assert_eq!(found("203.0.113.1", &["198.51.100.1"]), "203.0.113.1");
        assert_eq!(found("::ffff:203.0.113.1", &["198.51.100.1"]), "203.0.113.1");
        assert_eq!(found("2001:db8::1", &["198.51.100.1, 10.0.0.1"]), "2001:db8::1");
    }

    #[test]
    fn a_trusted_proxy_speaks_for_whom_it_has_heard_from() {
        assert_eq!(found("10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("192.0.2.7", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(found("fd00::1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("::ffff:10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("10.1.2.3", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(found("10.1.2.3", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(found("10.1.2.3", &[" [2001:db8::1] "]), "2001:db8::1");
        assert_eq!(found("10.1.2.3", &["::ffff:198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_a_client_has_written_itself_is_not_believed() {
        assert_eq!(found("10.1.2.3", &["1.1.1.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("10.1.2.3", &["10.9.9.9, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("10.1.2.3", &["1.1.1.1", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("10.1.2.3", &["1.1.1.1, not an address"]), "10.1.2.3");
    }

    #[test]
    fn a_part_that_is_no_text_hides_no_other() {
        assert_eq!(found("10.1.2.3", &["é, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            found("10.1.2.3", &["é", "198.51.100.1, 10.4.4.4"]),
            "198.51.100.1"
        );
        assert_eq!(found("10.1.2.3", &["198.51.100.1, é"]), "10.1.2.3");
    }

    #[test]
    fn a_quoted_address_is_read() {
        assert_eq!(found("10.1.2.3", &["\"198.51.100.1\""]), "198.51.100.1");
        assert_eq!(found("10.1.2.3", &["\"[2001:db8::1]:4711\""]), "2001:db8::1");
        assert_eq!(found("10.1.2.3", &["\"198.51.100.1"]), "10.1.2.3");
    }

    #[test]
    fn proxies_behind_proxies_are_looked_through() {
        assert_eq!(
            found("10.1.2.3", &["1.1.1.1, 198.51.100.1, 10.4.4.4"]),
            "198.51.100.1"
        );
        assert_eq!(
            found("10.1.2.3", &["198.51.100.1, fd00::2", "10.4.4.4"]),
            "198.51.100.1"
        );
        // The client itself is inside a trusted network.
        assert_eq!(found("10.1.2.3", &["10.5.5.5, 10.4.4.4"]), "10.5.5.5");
        assert_eq!(found("10.1.2.3", &["unknown, 10.4.4.4"]), "10.4.4.4");
        assert_eq!(found("10.1.2.3", &[]), "10.1.2.3");
        assert_eq!(found("10.1.2.3", &[""]), "10.1.2.3");
    }
}
