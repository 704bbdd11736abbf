//! Types of single values. Each is parsed once, and can't hold an invalid value.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use kairos_domain::RegistrationPolicy;
use kairos_domain::journey::Visibility;
use kairos_mail::Sender;
use url::Url;

/// The purpose of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// The operator's own machine: the server works with nothing configured.
    Local,
    /// An installation to try out a version.
    Staging,
    /// An installation that riders use.
    Production,
}

impl Environment {
    pub(super) fn parse(value: &str) -> Option<Self> {
        [Self::Local, Self::Staging, Self::Production]
            .into_iter()
            .find(|environment| environment.as_str() == value)
    }

    /// Returns the name of the environment in `ENVIRONMENT`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

/// Reads a setting that is on or off.
pub(super) fn switch(value: &str) -> Option<bool> {
    match value {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// Reads a URL that browsers load a map from. It may hold a key in its query.
pub(super) fn map_url(value: &str) -> Option<String> {
    let url = Url::parse(value).ok()?;
    let is_web =
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    (is_web && url.fragment().is_none()).then(|| url.to_string())
}

/// Reads the URL of tiles.
pub(super) fn tiles_url(value: &str) -> Option<String> {
    let has_all = ["{z}", "{x}", "{y}"].iter().all(|part| value.contains(part));
    has_all.then(|| map_url(value)).flatten()
}

/// Reads the text that names the sources of a map. It may hold links.
pub(super) fn attribution(value: &str) -> Option<String> {
    let is_line = !value.is_empty() && value.chars().count() <= 1000 && !value.contains(char::is_control);
    is_line.then(|| value.to_owned())
}

/// A host name or an IP address. An IPv6 address is kept without brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    pub(super) fn parse(value: &str) -> Option<Self> {
        let bare = value
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .filter(|inner| inner.contains(':'))
            .unwrap_or(value);
        let is_name = || {
            bare.len() <= 253
                && bare.split('.').all(|label| {
                    (1..=63).contains(&label.len())
                        && !label.starts_with('-')
                        && !label.ends_with('-')
                        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
                })
                // A name of digits and dots only is a mistyped address.
                && !bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        };
        (bare.parse::<IpAddr>().is_ok() || is_name()).then(|| Self(bare.to_owned()))
    }

    /// Returns the host in the form that a socket accepts.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the host is a loopback address or name.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        kairos_mail::is_loopback(&self.0)
    }

    /// Returns `http://HOST:PORT`, as this machine can open it.
    ///
    /// If the server listens on all addresses, the URL has the loopback address.
    #[must_use]
    pub fn http_url(&self, port: u16) -> String {
        match self.0.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) if address.is_unspecified() => format!("http://127.0.0.1:{port}"),
            Ok(IpAddr::V6(address)) if address.is_unspecified() => format!("http://[::1]:{port}"),
            Ok(IpAddr::V6(address)) => format!("http://[{address}]:{port}"),
            _ => format!("http://{}:{port}", self.0),
        }
    }

    /// Returns `HOST:PORT`, with an IPv6 address in brackets.
    #[must_use]
    pub fn with_port(&self, port: u16) -> String {
        if self.0.contains(':') {
            format!("[{}]:{port}", self.0)
        } else {
            format!("{}:{port}", self.0)
        }
    }
}

/// An absolute `http` or `https` URL without user, query, fragment or trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    pub(super) fn parse(value: &str) -> Option<Self> {
        // `Url` is as lenient as a browser. `http:/example.org` and white space are mistakes here.
        if value.contains(char::is_whitespace) || !value.contains("://") {
            return None;
        }
        let url = Url::parse(value).ok()?;
        let is_plain = url.has_host()
            && matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        is_plain.then(|| Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// Returns the URL without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The origins of the web pages that may call the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorsOrigins {
    /// Every origin.
    Any,
    /// Only these origins, as a browser writes them in `Origin`: visible ASCII.
    Only(Vec<String>),
}

impl CorsOrigins {
    pub(super) fn parse(value: &str) -> Option<Self> {
        let items = if let Ok(list) = serde_json::from_str::<Vec<String>>(value) {
            list
        } else {
            // Reading `.env` removes the quotes from a JSON list, as a shell would, and leaves `[a,b]`.
            let value = value.trim();
            let bare = value
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
                .unwrap_or(value);
            bare.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect()
        };
        if items.iter().any(|item| item == "*") {
            return Some(Self::Any);
        }
        items
            .iter()
            .map(|item| origin(item))
            .collect::<Option<_>>()
            .map(Self::Only)
    }
}

/// Returns an origin as a browser writes it: in lower case, without its scheme's default port.
fn origin(value: &str) -> Option<String> {
    if value.contains(|character: char| !character.is_ascii_graphic()) {
        return None;
    }
    let url = Url::parse(value).ok()?;
    let is_origin = value.contains("://")
        && matches!(url.path(), "" | "/")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let host = url
        .host_str()
        .filter(|host| !host.is_empty() && !host.contains('*'))?;
    // Apps in a web view have schemes of their own, such as `capacitor://localhost`, which `Url::origin` does
    // not know.
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    is_origin.then(|| format!("{}://{host}{port}", url.scheme()))
}

/// The sender of mails: `Name <address>`, or an address alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFrom(String);

impl MailFrom {
    pub(super) fn parse(value: &str) -> Option<Self> {
        value
            .parse::<Sender>()
            .is_ok()
            .then(|| Self(value.trim().to_owned()))
    }

    /// Returns the sender as the operator wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Parses networks separated by commas; a single address is a network of one.
pub(super) fn networks(value: &str) -> Option<Vec<IpNet>> {
    value
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(|item| {
            item.parse::<IpNet>()
                .ok()
                .or_else(|| item.parse::<IpAddr>().ok().map(IpNet::from))
        })
        .collect()
}

pub(super) fn registration(value: &str) -> Option<RegistrationPolicy> {
    match value {
        "open" => Some(RegistrationPolicy::Open),
        "invite" => Some(RegistrationPolicy::ByInvitation),
        "closed" => Some(RegistrationPolicy::Closed),
        _ => None,
    }
}

pub(super) fn visibility(value: &str) -> Option<Visibility> {
    let found = Visibility::ALL.into_iter().find(|(word, _)| *word == value);
    found.map(|(_, visibility)| visibility)
}

/// Parses a distance within which journeys are nearby, in metres.
pub(super) fn nearby_distance(value: &str) -> Option<u32> {
    /// The maximum that the API accepts.
    const MAX: u32 = 500_000;
    value.parse().ok().filter(|metres| (1..=MAX).contains(metres))
}

/// Parses the lifetime of a token, in minutes.
pub(super) fn minutes(value: &str) -> Option<u32> {
    /// Ten years: no token needs to live longer, and dates stay far from overflowing.
    const MOST: u32 = 5_256_000;
    value.parse().ok().filter(|minutes| (1..=MOST).contains(minutes))
}

/// Parses a line of 1 to 100 characters, without control characters.
pub(super) fn line(value: &str) -> Option<String> {
    let value = value.trim();
    let fits = (1..=100).contains(&value.chars().count()) && !value.contains(char::is_control);
    fits.then(|| value.to_owned())
}
