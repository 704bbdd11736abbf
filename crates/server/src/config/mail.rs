//! The delivery of mails.

use std::fmt;
use std::path::{Path, PathBuf};

use kairos_mail::{HelloName, SmtpTls, is_loopback};
use secrecy::SecretString;

use super::keys;
use super::reader::Reader;
use super::values::{Environment, Host, HttpUrl};

/// The way to deliver mails: the first of these that is configured.
#[derive(Debug, Clone)]
pub enum MailDelivery {
    /// Through Resend's REST API.
    Resend {
        /// The API key from Resend.
        api_key: SecretString,
        /// The base URL of the API.
        base_url: HttpUrl,
    },
    /// Through an SMTP server.
    Smtp {
        /// The host of the server.
        host: Host,
        /// The port of the server.
        port: u16,
        /// The encryption of the connection.
        tls: SmtpTls,
        /// The name in `EHLO`, if `MAIL_HELO` is set.
        hello_name: Option<HelloName>,
        /// The credentials, if the server requires any.
        credentials: Option<SmtpCredentials>,
    },
    /// One file per mail, in this folder.
    Folder(PathBuf),
}

/// The credentials for the SMTP server.
#[derive(Debug, Clone)]
pub struct SmtpCredentials {
    /// The user name.
    pub username: String,
    /// The user's password.
    pub password: SecretString,
}

impl fmt::Display for MailDelivery {
    /// Writes the way of delivery, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resend { base_url, .. } => write!(f, "through Resend at {}", base_url.as_str()),
            Self::Smtp { host, port, .. } => write!(f, "through {}", host.with_port(*port)),
            Self::Folder(path) => write!(f, "as files in {}", path.display()),
        }
    }
}

impl MailDelivery {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        environment: Option<Environment>,
        data_dir: Option<&Path>,
    ) -> Option<Self> {
        // All keys are read, even unused ones, so that a wrong value is reported before it is needed.
        let api_key = reader.secret(&keys::RESEND_API_KEY);
        let base_url = reader.get_or_default(&keys::RESEND_BASE_URL, HttpUrl::parse);
        let host = reader.get(&keys::MAIL_SERVER, Host::parse);
        let port = reader.get_or_default(&keys::MAIL_PORT, |value| {
            value.parse().ok().filter(|port| *port != 0)
        });
        let tls = reader.get(&keys::MAIL_TLS, |value| {
            let found = SmtpTls::ALL.into_iter().find(|(word, _)| *word == value);
            found.map(|(_, tls)| tls)
        });
        let hello_name = reader.get(&keys::MAIL_HELO, |value| value.parse().ok());
        let username = reader.get(&keys::MAIL_USERNAME, |value| Some(value.to_owned()));
        let password = reader.secret(&keys::MAIL_PASSWORD);
        match (
            reader.is_set(&keys::MAIL_USERNAME),
            reader.is_set(&keys::MAIL_PASSWORD),
        ) {
            (true, false) => reader.missing(&keys::MAIL_PASSWORD, "with `MAIL_USERNAME`"),
            (false, true) => reader.missing(&keys::MAIL_USERNAME, "with `MAIL_PASSWORD`"),
            _ => {}
        }
        let is_remote = host.as_ref().is_some_and(|host| !is_loopback(host.as_str()));
        if tls == Some(SmtpTls::None) && is_remote && reader.is_set(&keys::MAIL_USERNAME) {
            let message = "takes `starttls` or `tls` with `MAIL_USERNAME`, unless `MAIL_SERVER` is this machine: \
                           anybody on the way could read the password";
            reader.problem(&keys::MAIL_TLS, message.to_owned());
        }
        if let Some(api_key) = api_key {
            return Some(Self::Resend {
                api_key,
                base_url: base_url?,
            });
        }
        if reader.is_set(&keys::MAIL_SERVER) {
            let credentials = username
                .zip(password)
                .map(|(username, password)| SmtpCredentials { username, password });
            let (host, port) = (host?, port?);
            return Some(Self::Smtp {
                tls: tls.unwrap_or_else(|| SmtpTls::default_for(host.as_str(), port)),
                host,
                port,
                hello_name,
                credentials,
            });
        }
        match environment? {
            Environment::Local => Some(Self::Folder(data_dir?.join("outbox"))),
            Environment::Staging | Environment::Production => {
                reader.missing(
                    &keys::RESEND_API_KEY,
                    "outside `local`, unless `MAIL_SERVER` is set",
                );
                None
            }
        }
    }
}
