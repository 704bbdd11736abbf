use std::sync::Mutex;

use async_trait::async_trait;
use kairos_domain::mail::{MailError, MailKind, Mailer, Message, MessageContent};

/// Keeps what was sent.
#[derive(Debug, Default)]
pub(crate) struct Mailbox(Mutex<Vec<Message>>);

impl Mailbox {
    /// All mails to an address, oldest first.
    pub(crate) fn to(&self, address: &str) -> Vec<Message> {
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|message| message.to.as_str() == address)
            .cloned()
            .collect()
    }

    /// All mails of a kind to an address, oldest first.
    pub(crate) fn of_kind(&self, address: &str, kind: MailKind) -> Vec<Message> {
        let mut mails = self.to(address);
        mails.retain(|message| message.content.kind() == Some(kind));
        mails
    }

    /// The token of the last mail of a kind to an address.
    pub(crate) fn token(&self, address: &str, kind: MailKind) -> Option<String> {
        let mails = self.of_kind(address, kind);
        let last = mails.last()?;
        let (MessageContent::VerifyEmail { link, .. } | MessageContent::ResetPassword { link, .. }) =
            &last.content
        else {
            return None;
        };
        Some(link.split_once("token=")?.1.to_owned())
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}
