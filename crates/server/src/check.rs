//! `kairos check`: what a configuration would do, for operators.

use kairos_store::administration::{Inspection, ManagedStore};

use crate::compose;
use crate::config::{Config, Database, MailDelivery};
use crate::console::say;

/// Tells what the configuration would do, how the database is and what in it somebody should look at. A database file that is not there
/// yet is not made; a database that is there is brought up to date, as a start would. `repair` has what is derived from other data put right
/// before.
///
/// # Errors
/// What is wrong with the database, in a sentence for the operator.
pub async fn check(config: &Config, repair: bool) -> anyhow::Result<()> {
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
    say(format_args!("database     {}", config.database));
    if repair {
        repair_and_tell(&*store).await?;
    }
    tell(&store.inspect().await?);
    Ok(())
}

async fn repair_and_tell(store: &dyn ManagedStore) -> anyhow::Result<()> {
    let repaired = store.repair().await?;
    for what in &repaired {
        say(format_args!("repaired     {what}"));
    }
    if repaired.is_empty() {
        say("             nothing to repair");
    }
    Ok(())
}

fn tell(inspection: &Inspection) {
    say(format_args!("             {}", inspection.database));
    for (kind, count) in &inspection.counts {
        say(format_args!("             {count} {kind}"));
    }
    for index in &inspection.indexes {
        say(format_args!("index        {index}"));
    }
    for finding in &inspection.findings {
        say(format_args!("look at      {finding}"));
    }
    if inspection.findings.is_empty() {
        say("             nothing to look at");
    }
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
