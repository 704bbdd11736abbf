mod sink;

use kairos_domain::email_address::EmailAddress;

use super::*;
use crate::fixtures::{LINK, verify_message};
use sink::{Sink, TlsOffer};

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: SmtpTls::None,
        hello_name: "ride.example.org".parse().unwrap(),
        credentials: None,
        sender: "Kairos <kairos@example.org>".parse().unwrap(),
        project_name: "Kairos".to_owned(),
    }
}

async fn send_to(sink: &Sink, message: &Message) -> Result<(), MailError> {
    Smtp::new(settings(sink.port())).unwrap().send(message).await
}

fn message_to(address: &str) -> Message {
    Message {
        to: EmailAddress::parse(address).unwrap(),
        ..verify_message()
    }
}

fn credentials() -> Option<SmtpCredentials> {
    Some(SmtpCredentials {
        username: "ann".to_owned(),
        password: "on two wheels".into(),
    })
}

#[tokio::test]
async fn a_mail_goes_to_the_rider_with_its_link() {
    let sink = Sink::start(&[]).await;
    let message = verify_message();
    send_to(&sink, &message).await.unwrap();
    let heard = sink.heard();
    assert!(heard.contains("MAIL FROM:<kairos@example.org>\r\n"), "{heard}");
    assert!(heard.contains("RCPT TO:<ann@example.org>\r\n"));
    assert!(heard.contains(&format!("Message-ID: <{}@example.org>", message.id)));
    let text = heard.replace("=\r\n", "").replace("=3D", "=");
    assert!(text.lines().any(|line| line == LINK), "{heard}");
}

#[tokio::test]
async fn each_answer_ends_the_mail_or_leaves_it_to_another_attempt_and_names_no_address() {
    for (step, answer, is_permanent, text) in [
        (
            "RCPT",
            "550 5.1.1 <ann@example.org> unknown",
            true,
            "550 5.1.1 to the recipient",
        ),
        (
            "RCPT",
            "550 <ann@example.org> is unknown here",
            true,
            "550 to the recipient",
        ),
        (
            "RCPT",
            "550-5.1.1 unknown\r\n550 5.1.1 here",
            true,
            "550 5.1.1 to the recipient",
        ),
        ("RCPT", "552 5.2.2 full", true, "552 5.2.2 to the recipient"),
        ("RCPT", "550 5.4.4 no route", true, "550 5.4.4 to the recipient"),
        ("RCPT", "553 5.6.7 ASCII only", true, "553 5.6.7 to the recipient"),
        ("DATA", "554 no", true, "554 to the mail"),
        (".", "554 5.7.1 spam", true, "554 5.7.1 to the mail"),
        (".", "552 5.3.4 too big", true, "552 5.3.4 to the mail"),
        ("RCPT", "504 5.5.2 helo", false, "504 5.5.2 to the recipient"),
        ("RCPT", "504 helo", false, "504 to the recipient"),
        ("RCPT", "530 sign in", false, "530 to the recipient"),
        (
            "RCPT",
            "550 5.7.1 relaying denied",
            false,
            "550 5.7.1 to the recipient",
        ),
        ("RCPT", "550 5.4.1 denied", false, "550 5.4.1 to the recipient"),
        ("RCPT", "450 4.2.1 later", false, "450 4.2.1 to the recipient"),
        ("MAIL", "553 5.1.8 who are you", false, "553 5.1.8 to the sender"),
        ("MAIL", "550 who are you", false, "550 to the sender"),
        ("DATA", "451 later", false, "451 to the mail"),
        (".", "452 4.3.1 disk full", false, "452 4.3.1 to the mail"),
        ("EHLO", "550 5.1.1 go away", false, "550 5.1.1 to the connection"),
        ("", "554 5.1.1 go away", false, "554 5.1.1 to the connection"),
    ] {
        let sink = Sink::start(&[(step, answer)]).await;
        let error = send_to(&sink, &verify_message()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("the mail server answered {text}"));
        assert_eq!(
            matches!(error, MailError::Permanent(_)),
            is_permanent,
            "{step} {answer}"
        );
    }
}

#[tokio::test]
async fn a_refused_sign_in_is_left_to_another_attempt() {
    let sink = Sink::start(&[("AUTH", "535 5.7.8 no")]).await;
    let settings = SmtpSettings {
        credentials: credentials(),
        ..settings(sink.port())
    };
    let error = Smtp::new(settings)
        .unwrap()
        .send(&verify_message())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the mail server answered 535 5.7.8 to the sign-in"
    );
    assert!(matches!(error, MailError::Transient { .. }));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_left_to_another_attempt() {
    let error = Smtp::new(settings(9))
        .unwrap()
        .send(&verify_message())
        .await
        .unwrap_err();
    assert!(matches!(error, MailError::Transient { .. }), "{error}");
}

#[tokio::test]
async fn only_a_mailbox_that_is_not_ascii_needs_smtputf8() {
    let sink = Sink::start(&[]).await;
    send_to(&sink, &message_to("ann@exämple.org")).await.unwrap();
    let heard = sink.heard();
    assert!(heard.contains("MAIL FROM:<kairos@example.org>\r\n"), "{heard}");
    assert!(heard.contains("RCPT TO:<ann@xn--exmple-cua.org>\r\n"));
    assert!(heard.contains("\r\nTo: ann@xn--exmple-cua.org\r\n"));
    assert!(heard.is_ascii());

    let zoe = message_to("zoë@exämple.org");
    let error = send_to(&sink, &zoe).await.unwrap_err();
    assert!(error.to_string().contains("does not support SMTPUTF8"), "{error}");
    assert!(matches!(error, MailError::Transient { .. }));

    let sink = Sink::start(&[("EHLO", "250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8")]).await;
    send_to(&sink, &zoe).await.unwrap();
    let heard = sink.heard();
    assert!(
        heard.contains("MAIL FROM:<kairos@example.org> SMTPUTF8 BODY=8BITMIME\r\n"),
        "{heard}"
    );
    assert!(heard.contains("RCPT TO:<zoë@xn--exmple-cua.org>\r\n"));
}

#[tokio::test]
async fn a_server_is_greeted_by_the_name_that_was_chosen() {
    for (name, line) in [
        ("ride.example.org", "EHLO ride.example.org\r\n"),
        ("vélo.example", "EHLO xn--vlo-bma.example\r\n"),
        ("192.0.2.1", "EHLO [192.0.2.1]\r\n"),
        ("2001:db8::1", "EHLO [IPv6:2001:db8::1]\r\n"),
    ] {
        let sink = Sink::start(&[]).await;
        let settings = SmtpSettings {
            hello_name: name.parse().unwrap(),
            ..settings(sink.port())
        };
        Smtp::new(settings)
            .unwrap()
            .send(&verify_message())
            .await
            .unwrap();
        let heard = sink.heard();
        assert!(heard.starts_with(line), "{heard}");
    }
}

#[tokio::test]
async fn a_connection_is_encrypted_as_it_was_chosen_before_anything_is_sent() {
    for (offer, tls, beginning) in [
        (
            TlsOffer::FromTheStart,
            SmtpTls::Tls,
            "<TLS>EHLO ride.example.org\r\nAUTH PLAIN",
        ),
        (
            TlsOffer::StartTls,
            SmtpTls::StartTls,
            "EHLO ride.example.org\r\nSTARTTLS\r\n<TLS>EHLO ride.example.org\r\nAUTH PLAIN",
        ),
        (
            TlsOffer::StartTls,
            SmtpTls::None,
            "EHLO ride.example.org\r\nAUTH PLAIN",
        ),
    ] {
        let sink = Sink::start_with(offer, &[]).await;
        let settings = SmtpSettings {
            tls,
            credentials: credentials(),
            ..settings(sink.port())
        };
        Smtp::new(settings)
            .unwrap()
            .send(&verify_message())
            .await
            .unwrap();
        let heard = sink.heard();
        assert!(heard.starts_with(beginning), "{tls:?}: {heard}");
        assert!(heard.contains("RCPT TO:<ann@example.org>\r\n"));
    }
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear_to_a_server_that_cannot_encrypt() {
    let sink = Sink::start(&[]).await;
    let settings = SmtpSettings {
        tls: SmtpTls::StartTls,
        credentials: credentials(),
        ..settings(sink.port())
    };
    let error = Smtp::new(settings)
        .unwrap()
        .send(&verify_message())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("does not offer STARTTLS"), "{error}");
    assert!(matches!(error, MailError::Transient { .. }));
    assert_eq!(sink.heard(), "EHLO ride.example.org\r\n");
}
