//! `kairos mail`: tests the configured delivery of mails.

use anyhow::Context as _;
use clap::Subcommand;
use kairos_domain::clock::Clock as _;
use kairos_domain::email_address::EmailAddress;
use kairos_domain::id::{IdSource, MailId};
use kairos_domain::mail::{Message, MessageContent};

use crate::compose;
use crate::config::Config;
use crate::console::say;
use crate::system::{OsRandomness, SystemClock};

/// A command about mail.
#[derive(Debug, Clone, Subcommand)]
pub enum MailCommand {
    /// Send a test mail as configured, and tell whether the provider has accepted it
    Test {
        /// The e-mail address to send it to
        address: String,
    },
}

/// Runs a command about mail.
///
/// # Errors
/// A sentence for the operator, such as the reason why the provider rejected the mail.
pub async fn run(config: &Config, command: &MailCommand) -> anyhow::Result<()> {
    let MailCommand::Test { address } = command;
    let to = EmailAddress::parse(address.trim()).with_context(|| address.clone())?;
    let randomness = OsRandomness::open().context("this system gives no randomness")?;
    let message = Message {
        id: MailId(IdSource::new(&randomness).next(SystemClock.now())),
        to,
        rider_name: None,
        content: MessageContent::Test,
    };
    let delivery = &config.mail_delivery;
    compose::mailer(config)?
        .send(&message)
        .await
        .with_context(|| format!("the test mail was not sent {delivery}"))?;
    say(format_args!(
        "sent         a test mail from {} to {} {delivery}",
        config.mail_from.as_str(),
        message.to.as_str(),
    ));
    Ok(())
}
