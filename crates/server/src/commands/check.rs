//! `kairos check`: describes the effect of a configuration and the state of its database, for operators.

use kairos_domain::RegistrationPolicy;
use kairos_store::administration::{AdminStore, Inspection};

use crate::compose::{self, Access};
use crate::config::{Config, CorsOrigins, Database};
use crate::console::say;

/// Prints the effect of the configuration, and the state of its database.
///
/// The output includes findings that need attention. A missing SQLite file is not created. `repair` first
/// recomputes derived data that is wrong.
///
/// # Errors
/// A sentence for the operator about the problem with the database.
pub async fn check(config: &Config, repair: bool) -> anyhow::Result<()> {
    say(format_args!("environment  {}", config.environment.as_str()));
    say(format_args!("listens on   {}", config.host.http_url(config.port)));
    say(format_args!(
        "links lead to {}",
        config.links_lead_to(config.port)
    ));
    say(format_args!("reached at   {}", config.public_url(config.port)));
    say(format_args!("web pages    {}", web_pages(&config.cors_origins)));
    say(format_args!("signing key  {}", signing_key(config)));
    say(format_args!("mail         {}", config.mail_delivery));
    say(format_args!("registration {}", registration(config.registration)));
    say(format_args!("proxies      {}", trusted_proxies(config)));
    for warning in config.warnings() {
        say(format_args!("warning      {warning}"));
    }
    if let Database::Sqlite(path) = &config.database
        && !path.exists()
    {
        say(format_args!(
            "database     {}, created at the first start",
            path.display()
        ));
        return Ok(());
    }
    let access = if repair { Access::Write } else { Access::Read };
    let store = compose::admin_store(&config.database, access).await?;
    store.ping().await?;
    say(format_args!("database     {}", config.database));
    if repair {
        repair_and_tell(&*store).await?;
    }
    tell(&store.inspect().await?);
    Ok(())
}

async fn repair_and_tell(store: &dyn AdminStore) -> anyhow::Result<()> {
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

fn trusted_proxies(config: &Config) -> String {
    let named: Vec<_> = config.trusted_proxies.iter().map(ToString::to_string).collect();
    if config.lacks_trusted_proxies() {
        "none, so behind a proxy all riders look like one client (TRUSTED_PROXIES)".to_owned()
    } else if named.is_empty() {
        "none".to_owned()
    } else {
        named.join(", ")
    }
}

fn signing_key(config: &Config) -> String {
    match config.secret_key {
        Some(_) => "from SECRET_KEY".to_owned(),
        None => format!("kept in {}", config.data_dir.display()),
    }
}

fn web_pages(origins: &CorsOrigins) -> String {
    match origins {
        CorsOrigins::Any => "all may call the API, so any page may guess passwords (CORS_ORIGINS)".to_owned(),
        CorsOrigins::Only(origins) => format!("its own and {}", origins.join(", ")),
    }
}

const fn registration(policy: RegistrationPolicy) -> &'static str {
    match policy {
        RegistrationPolicy::Open => "open to everybody",
        RegistrationPolicy::ByInvitation => "by invitation (`kairos riders invite`)",
        RegistrationPolicy::Closed => "closed",
    }
}
