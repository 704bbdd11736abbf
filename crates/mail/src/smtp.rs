use std::time::Duration;

use async_trait::async_trait;
use kairos_domain::mail::{MailError, Mailer, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

use crate::causes::with_causes;
use crate::error::MailSetupError;
use crate::letter::LetterWriter;
use crate::loopback::is_loopback;
use crate::mime::{TextEncoding, encode};
use crate::sender::Sender;

/// How long one command of the conversation may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);

/// How long one mail may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The port on which a server speaks TLS from the first byte (RFC 8314).
const SUBMISSIONS_PORT: u16 = 465;

/// Hands mails to a mail server.
///
/// On port 465 it speaks TLS from the start, on any other it demands STARTTLS: neither a password nor a link goes over a network in
/// the clear. To this machine itself it takes what is there, as nothing can listen in between.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
    letters: LetterWriter,
}

/// Which server, and who signs in there.
#[derive(Debug)]
pub struct SmtpSettings {
    /// The server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who signs in, if anybody does.
    pub credentials: Option<SmtpCredentials>,
    /// Who the mails are from.
    pub sender: Sender,
    /// What the service is called in them.
    pub project_name: String,
}

/// Who signs in to the mail server.
#[derive(Debug)]
pub struct SmtpCredentials {
    /// The user.
    pub username: String,
    /// The user's password.
    pub password: SecretString,
}

impl Smtp {
    /// Makes the client; it connects with the first mail.
    ///
    /// # Errors
    /// [`MailSetupError`].
    pub fn new(settings: SmtpSettings) -> Result<Self, MailSetupError> {
        // Dangerous, the name says, because it starts without TLS: that is set here.
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(security(&settings.host, settings.port)?)
            .timeout(Some(COMMAND_TIMEOUT));
        if let Some(SmtpCredentials { username, password }) = settings.credentials {
            let password = password.expose_secret().to_owned();
            transport = transport.credentials(Credentials::new(username, password));
        }
        Ok(Self {
            transport: transport.build(),
            sender: settings.sender,
            letters: LetterWriter::new(&settings.project_name)?,
        })
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        let letter = self.letters.write(message)?;
        let mail = encode(message, letter, &self.sender, TextEncoding::Transportable)?;
        match tokio::time::timeout(TIMEOUT, self.transport.send(mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(MailError(told(&error, message).into())),
            Err(_) => Err(MailError("the mail server took too long".into())),
        }
    }
}

/// How the server is to be spoken to.
fn security(host: &str, port: u16) -> Result<Tls, MailSetupError> {
    let is_this_machine = is_loopback(host);
    let tls = TlsParameters::builder(host.to_owned())
        // A certificate for `localhost` is nobody's.
        .dangerous_accept_invalid_certs(is_this_machine)
        .build()
        .map_err(MailSetupError::SmtpTls)?;
    Ok(match port {
        SUBMISSIONS_PORT => Tls::Wrapper(tls),
        _ if is_this_machine => Tls::Opportunistic(tls),
        _ => Tls::Required(tls),
    })
}

/// What went wrong. Servers like to quote the address in their refusals; the log shall not.
fn told(error: &lettre::transport::smtp::Error, message: &Message) -> String {
    match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None => with_causes(error).replace(message.to.as_str(), "<address>"),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::fixtures::{LINK, verify_message};

    /// A mail server for one conversation, which says `to_recipient` when it hears the address. It gives what it was told.
    async fn server(to_recipient: &'static str) -> (u16, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let conversation = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            stream.write_all(b"220 here\r\n").await.unwrap();
            let (mut heard, mut in_data) = (String::new(), false);
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                    return heard;
                }
                heard.push_str(&line);
                let answer = match line.split_whitespace().next().unwrap_or_default() {
                    "." if in_data => {
                        in_data = false;
                        "250 taken"
                    }
                    _ if in_data => continue,
                    "EHLO" => "250 here",
                    "RCPT" => to_recipient,
                    "DATA" => {
                        in_data = true;
                        "354 go on"
                    }
                    "QUIT" => "221 bye",
                    _ => "250 yes",
                };
                stream
                    .write_all(format!("{answer}\r\n").as_bytes())
                    .await
                    .unwrap();
            }
        });
        (port, conversation)
    }

    fn client(host: &str, port: u16) -> Smtp {
        Smtp::new(SmtpSettings {
            host: host.to_owned(),
            port,
            credentials: None,
            sender: "Kairos <kairos@example.org>".parse().unwrap(),
            project_name: "Kairos".to_owned(),
        })
        .unwrap()
    }

    #[tokio::test]
    async fn a_mail_goes_to_the_rider_with_its_link() {
        let (port, conversation) = server("250 yes").await;
        let client = client("127.0.0.1", port);
        let message = verify_message("Ann");
        client.send(&message).await.unwrap();
        drop(client);
        let heard = tokio::time::timeout(Duration::from_secs(5), conversation)
            .await
            .unwrap()
            .unwrap();
        assert!(heard.contains("MAIL FROM:<kairos@example.org>"), "{heard}");
        assert!(heard.contains("RCPT TO:<ann@example.org>"));
        assert!(heard.contains(&format!("Message-ID: <{}@example.org>", message.id)));
        let text = heard.replace("=\r\n", "").replace("=3D", "=");
        assert!(text.lines().any(|line| line == LINK), "{heard}");
    }

    #[tokio::test]
    async fn a_refusal_is_an_error_without_the_address() {
        let (port, _conversation) = server("550 <ann@example.org> is unknown here").await;
        let error = client("127.0.0.1", port)
            .send(&verify_message("Ann"))
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "the mail server answered 550");
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        let tls = |host, port| security(host, port).unwrap();
        assert!(matches!(tls("mail.example.org", 587), Tls::Required(_)));
        assert!(matches!(tls("mail.example.org", 25), Tls::Required(_)));
        assert!(matches!(tls("mail.example.org", 465), Tls::Wrapper(_)));
        assert!(matches!(tls("localhost", 465), Tls::Wrapper(_)));
        assert!(matches!(tls("localhost", 1025), Tls::Opportunistic(_)));
    }
}
