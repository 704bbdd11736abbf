use kairos_domain::email_address::EmailAddress;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::fixtures::{LINK, verify_message};

fn client(base_url: String) -> Resend {
    // Another test may already have installed a provider.
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
    let result = client(server.uri()).send(&verify_message()).await;
    (server, result)
}

#[tokio::test]
async fn a_mail_is_one_post_with_an_idempotency_key() {
    let server = MockServer::start().await;
    let message = verify_message();
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
async fn a_domain_goes_to_the_provider_in_ascii() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let message = Message {
        to: EmailAddress::parse("zoë@exämple.org").unwrap(),
        ..verify_message()
    };
    client(server.uri()).send(&message).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let body: Value = requests[0].body_json().unwrap();
    assert_eq!(body["to"], json!(["zoë@xn--exmple-cua.org"]));
}

#[tokio::test]
async fn a_refusal_is_an_error_without_what_is_secret() {
    let refusal = json!({"name": "validation_error", "message": "no such address: ann@example.org"});
    let (_server, result) = answer_with(ResponseTemplate::new(422).set_body_json(refusal)).await;
    let error = result.unwrap_err();
    assert_eq!(error.to_string(), "Resend answered 422 validation_error");
    assert!(matches!(error, MailError::Permanent(_)));
    for status in [302, 400, 401, 403, 429, 500, 503] {
        let (_server, result) = answer_with(ResponseTemplate::new(status)).await;
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), format!("Resend answered {status} "));
        assert!(matches!(
            error,
            MailError::Transient {
                retry_after: None,
                ..
            }
        ));
    }
}

#[tokio::test]
async fn a_provider_says_when_to_try_again() {
    let november = "2026-11-27T20:15:00Z".parse().unwrap();
    for (text, expected) in [
        ("120", Some(RetryAfter::Delay(Duration::from_secs(120)))),
        ("0", Some(RetryAfter::Delay(Duration::ZERO))),
        (
            "Fri, 27 Nov 2026 20:15:00 GMT",
            Some(RetryAfter::Instant(november)),
        ),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
    ] {
        for status in [429, 503] {
            let response = ResponseTemplate::new(status).insert_header("retry-after", text);
            let (_server, result) = answer_with(response).await;
            let error = result.unwrap_err();
            assert!(
                matches!(error, MailError::Transient { retry_after, .. } if retry_after == expected),
                "{text}: {error:?}"
            );
        }
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
        .send(&verify_message())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        !error.contains("secret-path") && !error.contains("ann@"),
        "{error}"
    );
}
