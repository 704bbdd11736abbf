//! The encryption of the connection to a mail server.

use lettre::transport::smtp::client::TlsParameters;

use crate::error::MailSetupError;
use crate::loopback::is_loopback;

/// The port on which a server speaks TLS from the first byte (RFC 8314).
const SUBMISSIONS_PORT: u16 = 465;

/// The encryption of the connection to a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// The connection starts unencrypted and must switch to TLS before any mail is sent.
    StartTls,
    /// The connection uses TLS from the first byte.
    Tls,
    /// The connection stays unencrypted.
    None,
}

impl SmtpTls {
    /// Every variant with its name in the configuration.
    pub const ALL: [(&'static str, Self); 3] = [
        ("starttls", Self::StartTls),
        ("tls", Self::Tls),
        ("none", Self::None),
    ];

    /// Returns the encryption for a server if the operator has chosen none.
    ///
    /// The connection is unencrypted only to this machine itself, where nobody can listen in between.
    #[must_use]
    pub fn default_for(host: &str, port: u16) -> Self {
        match port {
            SUBMISSIONS_PORT => Self::Tls,
            _ if is_loopback(host) => Self::None,
            _ => Self::StartTls,
        }
    }
}

/// The same choice as [`SmtpTls`], with its TLS parameters.
pub(super) enum Encryption {
    StartTls(TlsParameters),
    Tls(TlsParameters),
    None,
}

impl Encryption {
    pub(super) fn new(tls: SmtpTls, host: &str) -> Result<Self, MailSetupError> {
        let parameters = || {
            TlsParameters::builder(host.to_owned())
                // No authority issues a certificate for `localhost`.
                .dangerous_accept_invalid_certs(is_loopback(host))
                .build()
                .map_err(MailSetupError::SmtpTls)
        };
        Ok(match tls {
            SmtpTls::StartTls => Self::StartTls(parameters()?),
            SmtpTls::Tls => Self::Tls(parameters()?),
            SmtpTls::None => Self::None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for (host, port, tls) in [
            ("mail.example.org", 587, SmtpTls::StartTls),
            ("mail.example.org", 25, SmtpTls::StartTls),
            ("mail.example.org", 465, SmtpTls::Tls),
            ("localhost", 465, SmtpTls::Tls),
            ("localhost", 1025, SmtpTls::None),
            ("::1", 587, SmtpTls::None),
        ] {
            assert_eq!(SmtpTls::default_for(host, port), tls, "{host}:{port}");
        }
    }
}
