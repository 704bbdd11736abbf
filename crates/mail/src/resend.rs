#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use kairos_domain::mail::{MailError, Mailer, Message, RetryAfter};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::causes::with_causes;
use crate::error::MailSetupError;
use crate::letter::LetterWriter;
use crate::recipient::deliverable;
use crate::sender::Sender;

/// The timeout for one mail.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum number of bytes read of a response. An error description is far shorter.
const LONGEST_ANSWER: usize = 16 * 1024;

/// Sends mails through Resend's REST API, with one `POST {base_url}/emails` each.
///
/// The message's id is the idempotency key: Resend sends a mail once even if it is submitted twice.
pub struct Resend {
    client: Client,
    endpoint: Url,
    sender: Sender,
    letters: LetterWriter,
}

/// The settings of the Resend client.
#[derive(Debug)]
pub struct ResendSettings {
    /// The API key issued by Resend.
    pub api_key: SecretString,
    /// The base URL of the API, without a trailing slash.
    pub base_url: String,
    /// The sender of the mails.
    pub sender: Sender,
    /// The name of the service in the mails.
    pub project_name: String,
}

#[derive(Serialize)]
struct Email<'a> {
    from: String,
    to: [&'a str; 1],
    subject: &'a str,
    text: &'a str,
    html: &'a str,
}

/// An error response of Resend. Its `message` may quote the address, so that field is not even read.
#[derive(Deserialize)]
struct Refusal {
    name: String,
}

impl Resend {
    /// Builds the client. It sends no request to Resend yet.
    ///
    /// # Errors
    /// [`MailSetupError`], also if the process has not installed a default rustls `CryptoProvider`.
    pub fn new(settings: &ResendSettings) -> Result<Self, MailSetupError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(MailSetupError::NoCryptoProvider);
        }
        let bearer = format!("Bearer {}", settings.api_key.expose_secret());
        let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| MailSetupError::UnusableApiKey)?;
        bearer.set_sensitive(true);
        let endpoint = Url::parse(&format!("{}/emails", settings.base_url))
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or(MailSetupError::UnusableBaseUrl)?;
        let client = Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .timeout(TIMEOUT)
            // A redirect must not send mails to a host that the operator did not choose.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("kairos/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(MailSetupError::HttpsClient)?;
        Ok(Self {
            client,
            endpoint,
            sender: settings.sender.clone(),
            letters: LetterWriter::new(&settings.project_name)?,
        })
    }
}

#[async_trait]
impl Mailer for Resend {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        let letter = self.letters.write(message)?;
        let to = deliverable(&message.to)?;
        let email = Email {
            from: self.sender.to_string(),
            to: [to.as_ref()],
            subject: &letter.subject,
            text: &letter.text,
            html: &letter.html,
        };
        let answer = self
            .client
            .post(self.endpoint.clone())
            .header("idempotency-key", message.id.to_string())
            .json(&email)
            .send()
            .await
            .map_err(|error| MailError::transient(with_causes(&error.without_url())))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let retry_after = retry_after(answer.headers());
        let name = name_of_refusal(answer).await.unwrap_or_default();
        // An earlier attempt used the same key with another body. That attempt sent the mail, with an earlier
        // token, but its response was lost.
        if status == StatusCode::CONFLICT && name == "invalid_idempotent_request" {
            return Ok(());
        }
        let cause = format!("Resend answered {} {name}", status.as_u16());
        Err(match status {
            StatusCode::UNPROCESSABLE_ENTITY => MailError::permanent(cause),
            _ => MailError::Transient {
                cause: cause.into(),
                retry_after,
            },
        })
    }
}

/// Reads `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let delay = text.parse().ok().map(Duration::from_secs).map(RetryAfter::Delay);
    delay.or_else(|| {
        let instant = DateTime::parse_from_rfc2822(text).ok()?;
        Some(RetryAfter::Instant(instant.to_utc()))
    })
}

async fn name_of_refusal(mut answer: Response) -> Option<String> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            return None;
        }
    }
    let refusal: Refusal = serde_json::from_slice(&body).ok()?;
    let is_name = refusal.name.len() <= 64
        && refusal
            .name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_name.then_some(refusal.name)
}
