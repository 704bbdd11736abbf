mod hello_name;
mod refusal;
#[cfg(test)]
mod tests;
mod tls;

use std::time::Duration;

use async_trait::async_trait;
use kairos_domain::mail::{MailError, Mailer, Message};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use crate::error::MailSetupError;
use crate::letter::LetterWriter;
use crate::mime::{TextEncoding, encode};
use crate::sender::Sender;

pub use hello_name::{HelloName, InvalidHelloName};
use refusal::{Step, mail_error};
use tls::Encryption;
pub use tls::SmtpTls;

/// The timeout for connecting, and for closing the connection.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// The timeout for one mail.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Sends mails to a mail server, with one connection for each mail.
///
/// The client runs the SMTP dialogue step by step because the meaning of a reply depends on the step. A 550
/// for the recipient rejects the mailbox for good. The same 550 for the sender lasts until the operator fixes
/// the configuration.
pub struct Smtp {
    host: String,
    port: u16,
    encryption: Encryption,
    hello_name: HelloName,
    credentials: Option<Credentials>,
    sender: Sender,
    letters: LetterWriter,
}

/// The settings of the SMTP client.
#[derive(Debug)]
pub struct SmtpSettings {
    /// The server's host name or IP address.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// The encryption of the connection.
    pub tls: SmtpTls,
    /// The name in `EHLO`.
    pub hello_name: HelloName,
    /// The credentials for the server, if it needs any.
    pub credentials: Option<SmtpCredentials>,
    /// The sender of the mails.
    pub sender: Sender,
    /// The name of the service in the mails.
    pub project_name: String,
}

/// The credentials for the mail server.
#[derive(Debug)]
pub struct SmtpCredentials {
    /// The user name.
    pub username: String,
    /// The password of the user.
    pub password: SecretString,
}

impl Smtp {
    /// Builds the client. It connects when it sends the first mail.
    ///
    /// # Errors
    /// [`MailSetupError`] if TLS cannot be set up or a template does not parse.
    pub fn new(settings: SmtpSettings) -> Result<Self, MailSetupError> {
        let credentials = settings
            .credentials
            .map(|SmtpCredentials { username, password }| {
                Credentials::new(username, password.expose_secret().to_owned())
            });
        Ok(Self {
            encryption: Encryption::new(settings.tls, &settings.host)?,
            host: settings.host,
            port: settings.port,
            hello_name: settings.hello_name,
            credentials,
            sender: settings.sender,
            letters: LetterWriter::new(&settings.project_name)?,
        })
    }

    async fn hand_over(&self, mail: &lettre::Message, message: &Message) -> Result<(), MailError> {
        let conversation = Conversation { message, mail };
        let mut connection = self.connect(&conversation).await?;
        let result = conversation.transact(&mut connection).await;
        // The result is already known. Waiting for the server's goodbye must neither delay nor change it.
        tokio::spawn(async move { timeout(CONNECTION_TIMEOUT, connection.abort()).await });
        result
    }

    /// Connects, starts TLS and signs in, the latter two as configured.
    async fn connect(&self, conversation: &Conversation<'_>) -> Result<AsyncSmtpConnection, MailError> {
        let hello_name = self.hello_name.client_id();
        let (at_once, starttls) = match &self.encryption {
            Encryption::Tls(parameters) => (Some(parameters.clone()), None),
            Encryption::StartTls(parameters) => (None, Some(parameters.clone())),
            Encryption::None => (None, None),
        };
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (&*self.host, self.port),
            Some(CONNECTION_TIMEOUT),
            hello_name,
            at_once,
            None,
        )
        .await
        .map_err(|error| conversation.error(Step::Connection, &error))?;
        if let Some(parameters) = starttls {
            if !connection.can_starttls() {
                let text = "the mail server does not offer STARTTLS (MAIL_TLS says how to encrypt)";
                return Err(MailError::transient(text));
            }
            connection
                .starttls(parameters, hello_name)
                .await
                .map_err(|error| conversation.error(Step::Connection, &error))?;
        }
        if let Some(credentials) = &self.credentials {
            connection
                .auth(DEFAULT_MECHANISMS, credentials)
                .await
                .map_err(|error| conversation.error(Step::SignIn, &error))?;
        }
        Ok(connection)
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        let letter = self.letters.write(message)?;
        let mail = encode(message, letter, &self.sender, TextEncoding::Transportable)?;
        timeout(TIMEOUT, self.hand_over(&mail, message))
            .await
            .unwrap_or_else(|_| Err(MailError::transient("the mail server took too long")))
    }
}

/// The SMTP dialogue that delivers one mail.
struct Conversation<'a> {
    message: &'a Message,
    mail: &'a lettre::Message,
}

impl Conversation<'_> {
    /// Delivers the mail to the server.
    async fn transact(&self, connection: &mut AsyncSmtpConnection) -> Result<(), MailError> {
        let envelope = self.mail.envelope();
        let mut parameters = Vec::new();
        if envelope.to().iter().any(|to| !to.to_string().is_ascii()) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let text = "the mailbox is not ASCII, and the mail server does not support SMTPUTF8";
                return Err(MailError::transient(text));
            }
            parameters.push(MailParameter::SmtpUtfEight);
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        connection
            .command(Mail::new(envelope.from().cloned(), parameters))
            .await
            .map_err(|error| self.error(Step::Sender, &error))?;
        for to in envelope.to() {
            connection
                .command(Rcpt::new(to.clone(), Vec::new()))
                .await
                .map_err(|error| self.error(Step::Recipient, &error))?;
        }
        let data = async {
            connection.command(Data).await?;
            connection.message(&self.mail.formatted()).await
        };
        data.await.map_err(|error| self.error(Step::Data, &error))?;
        Ok(())
    }

    fn error(&self, step: Step, error: &lettre::transport::smtp::Error) -> MailError {
        let mut addresses = vec![self.message.to.as_str()];
        addresses.extend(self.mail.envelope().to().iter().map(AsRef::<str>::as_ref));
        mail_error(step, error, &addresses)
    }
}
