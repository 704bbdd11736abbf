use std::time::Duration;

use async_trait::async_trait;
use kairos_domain::mail::{MailError, Mailer, Message};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::causes::with_causes;
use crate::error::MailSetupError;
use crate::letter::LetterWriter;
use crate::sender::Sender;

/// How long one mail may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How much of an answer is read: what it says of an error fits in far less.
const LONGEST_ANSWER: usize = 16 * 1024;

/// Hands mails to Resend's REST API, one `POST {base_url}/emails` each.
///
/// The message's id is the idempotency key: a mail that is handed over twice is sent once.
pub struct Resend {
    client: Client,
    endpoint: Url,
    sender: Sender,
    letters: LetterWriter,
}

/// Where Resend is, and who asks.
#[derive(Debug)]
pub struct ResendSettings {
    /// The key that Resend gave.
    pub api_key: SecretString,
    /// Where its API is, without a trailing slash.
    pub base_url: String,
    /// Who the mails are from.
    pub sender: Sender,
    /// What the service is called in them.
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

/// What Resend says of an error. Its `message` may quote the address, so that it is not even read.
#[derive(Deserialize)]
struct Refusal {
    name: String,
}

impl Resend {
    /// Makes the client; nothing is asked of Resend yet.
    ///
    /// # Errors
    /// [`MailSetupError`]; the process must have installed a default rustls `CryptoProvider`.
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
            // A mail goes where the operator said, or nowhere.
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
        let email = Email {
            from: self.sender.to_string(),
            to: [message.to.as_str()],
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
            .map_err(|error| MailError(with_causes(&error.without_url()).into()))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let name = name_of_refusal(answer).await.unwrap_or_default();
        // The same key came before with another body: a try whose answer was lost had sent the mail, with an earlier token.
        if status == StatusCode::CONFLICT && name == "invalid_idempotent_request" {
            return Ok(());
        }
        Err(MailError(
            format!("Resend answered {} {name}", status.as_u16()).into(),
        ))
    }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wiremock::matchers::{header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::fixtures::{LINK, verify_message};

    fn client(base_url: String) -> Resend {
        // Another test may have been first.
        drop(rustls::crypto::ring::default_provider().install_default());
        Resend::new(&ResendSettings {
            api_key: "re_secret".into(),
            base_url,
            sender: "Kairos <kairos@example.org>".parse().unwrap(),
            project_name: "Kairos".to_owned(),
        })
        .unwrap()
    }

    async fn answer_with(response: ResponseTemplate) -> (MockServer, Result<(), MailError>) {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/emails"))
            .respond_with(response)
            .mount(&server)
            .await;
        let result = client(server.uri()).send(&verify_message("Ann")).await;
        (server, result)
    }

    #[tokio::test]
    async fn a_mail_is_one_post_with_an_idempotency_key() {
        let server = MockServer::start().await;
        let message = verify_message("Ann");
        Mock::given(method("POST"))
            .and(path("/emails"))
            .and(header("authorization", "Bearer re_secret"))
            .and(header("idempotency-key", message.id.to_string().as_str()))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({"id": "x"})))
            .expect(1)
            .mount(&server)
            .await;
        client(server.uri()).send(&message).await.unwrap();
        let requests = server.received_requests().await.unwrap();
        let body: Value = requests[0].body_json().unwrap();
        assert_eq!(body["to"], json!(["ann@example.org"]));
        assert_eq!(body["from"], "Kairos <kairos@example.org>");
        assert!(body["text"].as_str().unwrap().lines().any(|line| line == LINK));
        assert!(body["html"].as_str().unwrap().contains(LINK));
    }

    #[tokio::test]
    async fn a_refusal_is_an_error_without_what_is_secret() {
        let refusal = json!({"name": "validation_error", "message": "no such address: ann@example.org"});
        let (_server, result) = answer_with(ResponseTemplate::new(422).set_body_json(refusal)).await;
        assert_eq!(
            result.unwrap_err().to_string(),
            "Resend answered 422 validation_error"
        );
        for status in [302, 401, 429, 500] {
            let (_server, result) = answer_with(ResponseTemplate::new(status)).await;
            assert_eq!(
                result.unwrap_err().to_string(),
                format!("Resend answered {status} ")
            );
        }
    }

    #[tokio::test]
    async fn a_mail_that_an_earlier_try_has_sent_is_sent() {
        let sent_before = json!({"name": "invalid_idempotent_request", "message": "same key, other body"});
        let (_server, result) = answer_with(ResponseTemplate::new(409).set_body_json(sent_before)).await;
        result.unwrap();
        let being_sent = json!({"name": "concurrent_idempotent_requests", "message": "wait"});
        let (_server, result) = answer_with(ResponseTemplate::new(409).set_body_json(being_sent)).await;
        result.unwrap_err();
    }

    #[tokio::test]
    async fn a_provider_that_is_not_there_is_an_error_without_its_address() {
        let error = client("http://127.0.0.1:9/secret-path".to_owned())
            .send(&verify_message("Ann"))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            !error.contains("secret-path") && !error.contains("ann@"),
            "{error}"
        );
    }
}
