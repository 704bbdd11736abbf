//! `kairos copy`: everything from one database to another, of whichever kinds.

use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use kairos_domain::id::ObjectId;
use kairos_domain::store::StoreError;
use kairos_store::administration::{
    ManagedStore, Parentless, RecordKind, add_as_they_are_now, why_parentless,
};

use crate::compose;
use crate::config::{Config, Database};
use crate::console::say;

/// How many records go in one step. A step that was begun is whole or is done again.
const RECORDS_A_STEP: u32 = 500;

/// Copies all accounts with their waiting mails, sessions, journeys and markers. Passwords, tokens and ids stay what they are, so that nobody
/// notices but by the address of the database.
///
/// # Errors
/// A sentence for the operator. What was copied by then stays; `resume` adds the rest.
pub async fn copy(config: &Config, from: &str, to: &str, resume: bool) -> anyhow::Result<()> {
    let (from, to) = (database(config, "--from", from)?, database(config, "--to", to)?);
    if let Database::Sqlite(path) = &from {
        ensure!(path.exists(), "--from: there is no {}", path.display());
    }
    ensure!(
        from.to_string() != to.to_string(),
        "--from and --to are one database"
    );
    let source = compose::store(&from).await.context("--from")?;
    let target = compose::store(&to).await.context("--to")?;
    if !resume {
        for kind in RecordKind::ALL {
            ensure!(
                target.count_records(kind).await? == 0,
                "--to: {to} is not empty; with --resume what is missing is added to it"
            );
        }
    }
    source.finish_interrupted_acts().await?;
    let mut left_behind = Vec::new();
    for kind in RecordKind::ALL {
        let (copied, left) = copy_kind(kind, &source, &target, SourceIs::AtRest).await?;
        say(format_args!("copied       {copied} {}", kind.as_str()));
        left_behind.extend(left);
    }
    let tracks = target.renew_tracks().await?;
    say(format_args!("drawn        {tracks} tracks"));
    for what in &left_behind {
        say(format_args!("left behind  {what}"));
    }
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

/// Whether the source goes on while it is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceIs {
    /// It doesn't, as far as is known. What can't be beside something that the target has is a fault, since that may be somebody's; what
    /// was made meanwhile all the same is told of.
    AtRest,
    /// It does, and the target holds nothing but what was copied. What can't be beside that is read again, both of it; what was made meanwhile
    /// is no part of the copy.
    InUse,
}

/// Copies all records of a kind; tells how many, and which could not be. Parents go before children, as [`RecordKind::ALL`] has them.
pub(crate) async fn copy_kind(
    kind: RecordKind,
    source: &Arc<dyn ManagedStore>,
    target: &Arc<dyn ManagedStore>,
    source_is: SourceIs,
) -> anyhow::Result<(usize, Vec<String>)> {
    let bar = ProgressBar::new(source.count_records(kind).await?)
        .with_style(ProgressStyle::with_template(
            "{msg:9} {wide_bar} {pos}/{len} {eta}",
        )?)
        .with_message(kind.as_str());
    let mut left_behind = Vec::new();
    let mut copied = 0;
    let mut after = None;
    loop {
        let page = source.records_after(kind, after, RECORDS_A_STEP).await?;
        let Some(last) = page.last else { break };
        let read = page.records.len() + page.unreadable.len();
        let added = match target.add_records(&page.records).await {
            // The source has gone on since the pages before were read.
            Err(StoreError::Conflict(_)) if source_is == SourceIs::InUse => {
                add_as_they_are_now(kind, &page.records, &**source, &**target).await
            }
            added => added,
        };
        let parentless =
            added.with_context(|| format!("the {} after {copied} can't be added", kind.as_str()))?;
        copied += page.records.len() - parentless.len();
        bar.inc(read as u64);
        left_behind.extend(page.unreadable);
        for id in parentless {
            let why = why_parentless(kind, id, &**source).await?;
            left_behind.extend(complaint(kind, id, why, source_is));
        }
        after = Some(last);
        // What is added one by one, as fast as it is read, would have no end.
        if source_is == SourceIs::InUse && read < RECORDS_A_STEP as usize {
            break;
        }
    }
    bar.finish_and_clear();
    Ok((copied, left_behind))
}

/// What the operator is told about a record that could not be added without its parent.
fn complaint(kind: RecordKind, id: ObjectId, why: Parentless, source_is: SourceIs) -> Option<String> {
    let why = match (why, source_is) {
        (Parentless::Orphan, _) => "which nobody sees: what it belongs to is gone",
        (Parentless::OfUnreadable, _) => "since what it belongs to can't be read",
        (Parentless::Overtaken, SourceIs::AtRest) => {
            "which was written or deleted meanwhile: --resume adds what is missing"
        }
        (Parentless::Overtaken, SourceIs::InUse) => return None,
    };
    Some(format!("{} {id}, {why}", kind.as_str()))
}
