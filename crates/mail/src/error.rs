//! Errors in the setup of a mail client, found before the first mail is sent.

use crate::causes::with_causes;

/// The settings do not allow a mail client to be built.
#[derive(Debug, thiserror::Error)]
pub enum MailSetupError {
    /// The API key contains characters that are not allowed in an HTTP header.
    #[error("the API key holds characters that an HTTP header cannot carry")]
    UnusableApiKey,
    /// The provider's base URL is not an absolute `http` or `https` URL.
    #[error("the base URL must be an absolute http or https URL")]
    UnusableBaseUrl,
    /// The process has not installed a default rustls `CryptoProvider`.
    #[error("TLS needs a default rustls `CryptoProvider`, and none is installed in this process")]
    NoCryptoProvider,
    /// The HTTPS client could not be built, usually because the machine has no root certificates.
    #[error(
        "cannot make an HTTPS client: {causes} (does this machine have root certificates, e.g. the package \
         `ca-certificates`?)",
        causes = with_causes(.0)
    )]
    HttpsClient(reqwest::Error),
    /// The TLS library rejected the settings for the mail server.
    #[error("cannot set up TLS for the mail server: {causes}", causes = with_causes(.0))]
    SmtpTls(lettre::transport::smtp::Error),
    /// A template compiled into this crate does not parse.
    #[error("a mail template is malformed: {0}")]
    Template(#[from] minijinja::Error),
}
