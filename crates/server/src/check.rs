//! `kairos check`: what a configuration would do, for operators.

use crate::compose;
use crate::config::{Config, Database, MailDelivery};
use crate::console::say;

/// Tells what the configuration would do, and asks the database for a sign of life. A database file that is not there yet is not made; one
/// that is there is brought up to date, as a start would.
///
/// # Errors
/// What is wrong with the database, in a sentence for the operator.
pub async fn check(config: &Config) -> anyhow::Result<()> {
    say(format_args!("environment  {}", config.environment.as_str()));
    say(format_args!("listens on   {}", config.host.http_url(config.port)));
    say(format_args!(
        "links lead to {}",
        config.links_lead_to(config.port)
    ));
    say(format_args!("signing key  {}", signing_key(config)));
    say(format_args!("mail         {}", mail(config)));
    for warning in config.warnings() {
        say(format_args!("warning      {warning}"));
    }
    if let Database::Sqlite(path) = &config.database
        && !path.exists()
    {
        say(format_args!(
            "database     {}, made at the first start",
            path.display()
        ));
        return Ok(());
    }
    let store = compose::store(&config.database).await?;
    store.ping().await?;
    match &config.database {
        Database::Sqlite(path) => say(format_args!("database     {}, well", path.display())),
        Database::MongoDb { name, .. } => say(format_args!("database     {name}, well")),
    }
    Ok(())
}

fn signing_key(config: &Config) -> String {
    match config.secret_key {
        Some(_) => "from SECRET_KEY".to_owned(),
        None => format!("kept in {}", config.data_dir.display()),
    }
}

fn mail(config: &Config) -> String {
    match &config.mail_delivery {
        MailDelivery::Resend { base_url, .. } => format!("through Resend at {base_url}"),
        MailDelivery::Smtp { host, port, .. } => format!("through {}", host.with_port(*port)),
        MailDelivery::Folder(path) => format!("as files in {}", path.display()),
    }
}
