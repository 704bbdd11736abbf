//! Encodes a letter as a mail (RFC 5322, MIME) with plain text and HTML as alternatives.

use kairos_domain::mail::{MailError, Message, MessageContent};
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};

use crate::letter::Letter;
use crate::recipient::deliverable;
use crate::sender::Sender;

/// The encoding of the plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextEncoding {
    /// An encoding that every mail server accepts.
    Transportable,
    /// No encoding, so that a person or `grep` finds the link in the file.
    Readable,
}

/// Encodes a letter.
///
/// The mail's `Message-ID` is derived from the id of the message, so that duplicates can be recognised.
pub(crate) fn encode(
    message: &Message,
    letter: Letter,
    sender: &Sender,
    encoding: TextEncoding,
) -> Result<lettre::Message, MailError> {
    let address = deliverable(&message.to)?;
    let envelope = Envelope::new(Some(sender.mailbox().email.clone()), vec![address.clone()])
        .map_err(MailError::transient)?;
    let text = SinglePart::builder().header(ContentType::TEXT_PLAIN);
    let text = match encoding {
        TextEncoding::Transportable => text.body(letter.text),
        TextEncoding::Readable => {
            // lettre would pick an encoding that breaks lines as long as ours. RFC 5322, 2.1.1 allows 998
            // bytes.
            let lines = letter.text.replace('\n', "\r\n").into_bytes();
            let body = Body::dangerous_pre_encoded(lines, ContentTransferEncoding::EightBit);
            text.body(body)
        }
    };
    lettre::Message::builder()
        .envelope(envelope)
        .from(sender.mailbox().clone())
        .to(Mailbox::new(None, address))
        .subject(letter.subject)
        .message_id(Some(format!("<{}@{}>", message.id, sender.domain())))
        .header(AutoSubmitted)
        .multipart(
            MultiPart::alternative()
                .singlepart(text)
                .singlepart(SinglePart::html(letter.html)),
        )
        .map_err(MailError::transient)
}

/// Returns the link in a message, if it has one.
pub(crate) fn link(message: &Message) -> Option<&str> {
    match &message.content {
        MessageContent::VerifyEmail { link, .. } | MessageContent::ResetPassword { link, .. } => Some(link),
        MessageContent::AddressChanged | MessageContent::Test => None,
    }
}

/// Tells vacation responders not to reply (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use kairos_domain::email_address::EmailAddress;

    use super::*;
    use crate::fixtures::{reset_message, verify_message};
    use crate::letter::LetterWriter;

    /// Returns the head of a mail, one field a line, and the recipients of the envelope.
    fn head_and_envelope(message: &Message, project: &str) -> (String, Vec<String>) {
        let letter = LetterWriter::new(project).unwrap().write(message).unwrap();
        let sender = "Vélo <kairos@example.org>".parse().unwrap();
        let mail = encode(message, letter, &sender, TextEncoding::Transportable).unwrap();
        let envelope = mail.envelope().to().iter().map(ToString::to_string).collect();
        let mail = String::from_utf8(mail.formatted()).unwrap();
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        (head.replace("\r\n ", " "), envelope)
    }

    #[test]
    fn no_text_of_a_rider_is_in_the_head_of_a_mail() {
        let name = "Mallory\r\nBcc: eve@example.org\r\n\r\nMallory";
        let (head, _) = head_and_envelope(&reset_message(name), "Kairos");
        assert!(
            !head.contains("Mallory") && !head.contains("Bcc") && !head.contains("eve@"),
            "{head}"
        );
    }

    #[test]
    fn what_is_not_ascii_is_encoded_in_the_head() {
        let (head, _) = head_and_envelope(&verify_message(), "Vélo\r\nBcc: x");
        assert!(head.is_ascii(), "{head}");
        assert!(head.contains("Subject: =?utf-8?b?"), "{head}");
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    }

    #[test]
    fn head_and_envelope_have_the_address_with_its_domain_in_ascii() {
        for (address, written) in [
            ("ann+x=y@example.org", "ann+x=y@example.org"),
            ("o'neill@exämple.org", "o'neill@xn--exmple-cua.org"),
            (
                "a!#$%&'*+/=?^_`{|}~-b@example.org",
                "a!#$%&'*+/=?^_`{|}~-b@example.org",
            ),
            ("zoë@example.org", "zoë@example.org"),
            ("two..dots@example.org", "two..dots@example.org"),
        ] {
            let message = Message {
                to: EmailAddress::stored(address.to_owned()),
                ..verify_message()
            };
            let (head, envelope) = head_and_envelope(&message, "Kairos");
            let to: Vec<_> = head.lines().filter(|line| line.starts_with("To: ")).collect();
            assert_eq!(to, [format!("To: {written}")]);
            assert_eq!(envelope, [written]);
        }
    }
}
