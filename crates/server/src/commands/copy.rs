//! `kairos copy`: copies everything from one database to another, of the same kind or not.

use anyhow::{Context as _, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use kairos_domain::id::ObjectId;
use kairos_store::administration::{AdminStore, RecordKind};

use super::ensure_exists;
use crate::compose::{self, Access};
use crate::config::{Config, Database};
use crate::console::say;

/// Records that one transaction adds.
const RECORDS_A_BATCH: u32 = 500;

/// Copies all accounts with their pending mails, sessions, journeys, markers, routes, tracks and schedules.
///
/// Nothing may write to the source meanwhile. Passwords, tokens and ids stay the same, so that clients notice
/// nothing.
///
/// # Errors
/// A sentence for the operator. The target keeps the records copied so far; `resume` adds the rest.
pub async fn copy(config: &Config, from: &str, to: &str, resume: bool) -> anyhow::Result<()> {
    let (from, to) = (database(config, "--from", from)?, database(config, "--to", to)?);
    ensure_exists(&from).context("--from")?;
    ensure!(
        from.to_string() != to.to_string(),
        "--from and --to are one database"
    );
    let source = compose::admin_store(&from, Access::Read)
        .await
        .context("--from")?;
    let target = compose::admin_store(&to, Access::Write).await.context("--to")?;
    if !resume {
        for kind in RecordKind::ALL {
            ensure!(
                target.count_records(kind).await? == 0,
                "--to: {to} is not empty; with --resume what is missing is added to it"
            );
        }
    }
    let mut left_behind = Vec::new();
    for kind in RecordKind::ALL {
        let copied = copy_kind(kind, &*source, &*target, &mut left_behind).await?;
        say(format_args!("copied       {copied} {}", kind.as_str()));
    }
    for what in &left_behind {
        say(format_args!("left behind  {what}"));
    }
    say("not copied   idempotency keys, invitations and counts against limits, which are short-lived");
    Ok(())
}

fn database(config: &Config, option: &str, url: &str) -> anyhow::Result<Database> {
    match Database::parse(url, config.mongodb_limits) {
        Some(database) => Ok(database),
        None => bail!(
            "{option} takes `sqlite://PATH`, `mongodb://HOST/DATABASE` or `mongodb+srv://HOST/DATABASE`"
        ),
    }
}

/// Copies all records of a kind, and returns their number.
///
/// Descriptions of records that can't be copied are added to `left_behind`.
async fn copy_kind(
    kind: RecordKind,
    source: &dyn AdminStore,
    target: &dyn AdminStore,
    left_behind: &mut Vec<String>,
) -> anyhow::Result<usize> {
    let bar = ProgressBar::new(source.count_records(kind).await?)
        .with_style(ProgressStyle::with_template(
            "{msg:9} {wide_bar} {pos}/{len} {eta}",
        )?)
        .with_message(kind.as_str());
    let mut copied = 0;
    let mut after = None;
    loop {
        let page = source.records_after(kind, after, RECORDS_A_BATCH).await?;
        bar.inc((page.records.len() + page.unreadable.len()) as u64);
        left_behind.extend(page.unreadable);
        let Some(last) = page.last else { break };
        let orphans = target
            .add_records(&page.records)
            .await
            .with_context(|| format!("the {} after {copied} can't be added", kind.as_str()))?;
        copied += page.records.len() - orphans.len();
        left_behind.extend(orphans.into_iter().map(|id| orphan(kind, id)));
        after = Some(last);
    }
    bar.finish_and_clear();
    Ok(copied)
}

/// Describes a record that was not added because the target lacks its parent.
///
/// Parents are copied first.
fn orphan(kind: RecordKind, id: ObjectId) -> String {
    let parent = match kind {
        RecordKind::Users | RecordKind::Sessions | RecordKind::Journeys => "user",
        RecordKind::Markers | RecordKind::Routes | RecordKind::Tracks | RecordKind::Schedules => "journey",
    };
    format!(
        "{} {id}: its {parent} is missing or unreadable, so that nobody sees it",
        kind.as_str()
    )
}
