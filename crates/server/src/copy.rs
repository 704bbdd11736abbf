//! `kairos copy`: everything from one database to another, of whichever kinds.

use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use kairos_domain::store::StoreError;
use kairos_store::administration::{ManagedStore, RecordKind, add_as_they_are_now};

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
        let (copied, left) = copy_kind(kind, &source, &target, Clashes::AreFaults).await?;
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

/// What to do about a record that can't be beside one that the target has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clashes {
    /// Tell of it. What the target has may be somebody's.
    AreFaults,
    /// Take it for the source's having gone on, and read both again: for a target that holds nothing but what was copied.
    AreReadAgain,
}

/// Copies all records of a kind; tells how many, and which could not be. Parents go before children, as [`RecordKind::ALL`] has them.
pub(crate) async fn copy_kind(
    kind: RecordKind,
    source: &Arc<dyn ManagedStore>,
    target: &Arc<dyn ManagedStore>,
    clashes: Clashes,
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
        let added = match target.add_records(&page.records).await {
            // The source has gone on since the pages before were read.
            Err(StoreError::Conflict(_)) if clashes == Clashes::AreReadAgain => {
                add_as_they_are_now(kind, &page.records, &**source, &**target).await
            }
            added => added,
        };
        let parentless =
            added.with_context(|| format!("the {} after {copied} can't be added", kind.as_str()))?;
        copied += page.records.len() - parentless.len();
        bar.inc((page.records.len() + page.unreadable.len()) as u64);
        left_behind.extend(page.unreadable);
        left_behind.extend(parentless.iter().map(|id| {
            format!(
                "{} {id}, which nobody sees: what it belongs to is gone",
                kind.as_str()
            )
        }));
        after = Some(last);
    }
    bar.finish_and_clear();
    Ok((copied, left_behind))
}
