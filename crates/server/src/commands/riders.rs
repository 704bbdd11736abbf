//! `kairos riders`: manages accounts while the service runs.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail, ensure};
use chrono::SecondsFormat;
use clap::{Args, Subcommand};
use console::{Alignment, pad_str};
use kairos_domain::RegistrationPolicy;
use kairos_domain::operators;
use kairos_domain::store::Store;
use kairos_domain::text::ProfileLine;
use kairos_domain::user::User;
use kairos_store::administration::{AdminStore, Record, RecordKind};
use serde::Serialize;
use serde_json::json;

use super::ensure_exists;
use crate::compose::{self, Access};
use crate::config::Config;
use crate::console::{complain, fit_terminal, json_line, printable, say};
use crate::system::{OsRandomness, SystemClock};

/// Riders read at a time.
const RIDERS_A_PAGE: u32 = 500;

/// Minimum width of an e-mail address in the table, in columns.
const EMAIL_COLUMNS: usize = 32;

/// A command about riders, and the format of its output.
#[derive(Debug, Clone, Args)]
pub struct RidersArguments {
    #[command(subcommand)]
    command: RidersCommand,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Subcommand)]
enum RidersCommand {
    /// List all riders, oldest first
    List,
    /// Show a rider's account
    Show {
        /// The rider's e-mail address or id
        rider: String,
    },
    /// Mark a rider's e-mail address as verified
    Verify {
        /// The rider's e-mail address or id
        rider: String,
    },
    /// Create an invitation, which is good for one registration within 14 days
    Invite,
    /// Delete a rider's account with all journeys and markers
    Delete {
        /// The rider's e-mail address or id
        rider: String,
        /// Delete without asking
        #[arg(long)]
        yes: bool,
    },
}

/// Runs a command about riders.
///
/// # Errors
/// A sentence for the operator, also if the rider does not exist.
pub async fn run(config: &Config, arguments: RidersArguments) -> anyhow::Result<()> {
    let RidersArguments { command, json } = arguments;
    ensure_exists(&config.database)?;
    let access = match command {
        RidersCommand::List | RidersCommand::Show { .. } => Access::Read,
        _ => Access::Write,
    };
    let store = compose::admin_store(&config.database, access).await?;
    match command {
        RidersCommand::List => list(&*store, json).await,
        RidersCommand::Show { rider } => show(&find(&*store, &rider).await?, json),
        RidersCommand::Verify { rider } => verify(&*store, &rider, json).await,
        RidersCommand::Invite => invite(&*store, config.registration, json).await,
        RidersCommand::Delete { rider, yes } => delete(&*store, &rider, yes, json).await,
    }
}

/// An account in the form in which the API returns it to its rider.
#[derive(Serialize)]
struct RiderJson<'a> {
    #[serde(rename = "_id")]
    id: String,
    email: &'a str,
    name: &'a str,
    phonenumber: Option<&'a str>,
    instagram: Option<&'a str>,
    country: Option<&'a str>,
    is_verified: bool,
}

impl<'a> From<&'a User> for RiderJson<'a> {
    fn from(user: &'a User) -> Self {
        let line = |line: &'a Option<ProfileLine>| line.as_ref().map(ProfileLine::as_str);
        Self {
            id: user.id.to_string(),
            email: user.email.as_str(),
            name: user.name.as_str(),
            phonenumber: line(&user.contact.phonenumber),
            instagram: line(&user.contact.instagram),
            country: line(&user.contact.country),
            is_verified: user.is_verified,
        }
    }
}

async fn find(store: &dyn Store, rider: &str) -> anyhow::Result<User> {
    let user = operators::find_rider(store, rider).await?;
    user.with_context(|| format!("there is no rider {rider}"))
}

async fn list(store: &dyn AdminStore, json: bool) -> anyhow::Result<()> {
    if json {
        say("[");
    } else {
        say_row("id", "verified", "email", "name");
    }
    let mut separator = " ";
    let mut after = None;
    loop {
        let page = store
            .records_after(RecordKind::Users, after, RIDERS_A_PAGE)
            .await?;
        for record in &page.records {
            let Record::User(record) = record else { continue };
            let user = &record.user;
            if json {
                say(format_args!("{separator}{}", json_line(&RiderJson::from(user))?));
                separator = ",";
            } else {
                let is_verified = if user.is_verified { "yes" } else { "no" };
                let id = user.id.to_string();
                say_row(&id, is_verified, user.email.as_str(), user.name.as_str());
            }
        }
        for unreadable in &page.unreadable {
            complain(format_args!("can't be read: {}", printable(unreadable)));
        }
        let Some(last) = page.last else { break };
        after = Some(last);
    }
    if json {
        say("]");
    }
    Ok(())
}

fn say_row(id: &str, is_verified: &str, email: &str, name: &str) {
    let email = printable(email);
    let email = pad_str(&email, EMAIL_COLUMNS, Alignment::Left, None);
    let row = format!("{id:24}  {is_verified:8}  {email}  {}", printable(name));
    say(fit_terminal(&row));
}

fn show(user: &User, json: bool) -> anyhow::Result<()> {
    let rider = RiderJson::from(user);
    if json {
        say(json_line(&rider)?);
        return Ok(());
    }
    for (field, value) in [
        ("id", &*rider.id),
        ("email", rider.email),
        ("name", rider.name),
        ("phonenumber", rider.phonenumber.unwrap_or_default()),
        ("instagram", rider.instagram.unwrap_or_default()),
        ("country", rider.country.unwrap_or_default()),
        ("verified", if rider.is_verified { "yes" } else { "no" }),
    ] {
        let line = format!("{field:12} {}", printable(value));
        say(fit_terminal(line.trim_end()));
    }
    Ok(())
}

async fn verify(store: &dyn Store, rider: &str, json: bool) -> anyhow::Result<()> {
    let user = find(store, rider).await?;
    let verified = operators::verify_rider(store, user.id).await?;
    let verified = verified.with_context(|| format!("there is no rider {rider}"))?;
    show(&verified, json)
}

async fn invite(store: &dyn Store, policy: RegistrationPolicy, json: bool) -> anyhow::Result<()> {
    let randomness = OsRandomness::open().context("this system gives no randomness")?;
    let invitation = operators::invite(store, &SystemClock, &randomness).await?;
    let expires = invitation.expires_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    if json {
        say(json_line(
            &json!({"invite": invitation.token, "expires": expires}),
        )?);
    } else {
        say(format_args!("invite       {}", invitation.token));
        say(format_args!("expires      {expires}"));
        say(
            "             One registration takes it, as the field `invite` of `POST /api/v1/users/register`.",
        );
    }
    if policy != RegistrationPolicy::ByInvitation {
        complain("note: registrations need no invitation, or are closed, unless REGISTRATION is `invite`");
    }
    Ok(())
}

async fn delete(store: &dyn Store, rider: &str, yes: bool, json: bool) -> anyhow::Result<()> {
    let user = find(store, rider).await?;
    ensure!(yes || is_confirmed(&user)?, "nothing was deleted");
    let was_there = operators::delete_rider(store, user.id).await?;
    ensure!(was_there, "there is no rider {rider}");
    if json {
        return show(&user, json);
    }
    let line = format!("deleted      {} {}", user.id, printable(user.email.as_str()));
    say(fit_terminal(&line));
    Ok(())
}

/// Asks on the terminal whether to delete an account.
fn is_confirmed(user: &User) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nothing was deleted: without a terminal to ask on, `--yes` is needed");
    }
    let mut stderr = io::stderr();
    write!(
        stderr,
        "Delete {} {} ({}) with all journeys and markers? [y/N] ",
        user.id,
        printable(user.email.as_str()),
        printable(user.name.as_str())
    )?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
