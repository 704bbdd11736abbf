//! What can be wrong with a client before the first mail.

use crate::causes::with_causes;

/// A client for mail cannot be made from what it was given.
#[derive(Debug, thiserror::Error)]
pub enum MailSetupError {
    /// The API key cannot stand in an HTTP header.
    #[error("the API key holds characters that an HTTP header cannot carry")]
    UnusableApiKey,
    /// The provider's base URL is no absolute `http` or `https` URL.
    #[error("the base URL must be an absolute http or https URL")]
    UnusableBaseUrl,
    /// The process has not chosen its cryptography.
    #[error("TLS needs a default rustls `CryptoProvider`, and none is installed in this process")]
    NoCryptoProvider,
    /// The HTTPS client cannot be made; mostly the machine has no root certificates.
    #[error(
        "cannot make an HTTPS client: {causes} (does this machine have root certificates, e.g. the package \
         `ca-certificates`?)",
        causes = with_causes(.0)
    )]
    HttpsClient(reqwest::Error),
    /// The TLS settings for the mail server were refused.
    #[error("cannot set up TLS for the mail server: {causes}", causes = with_causes(.0))]
    SmtpTls(lettre::transport::smtp::Error),
    /// A template that is compiled in does not parse.
    #[error("a mail template is malformed: {0}")]
    Template(#[from] minijinja::Error),
}
