//! The results of the honest rider during each attack, compared with the targets.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::ensure;

use super::honest_rider::Experience;

/// The target for the median latency of the honest rider.
const MEDIAN: Duration = Duration::from_millis(50);

/// The target for the 99th percentile of the latency.
const PERCENTILE_99: Duration = Duration::from_millis(500);

/// The target for the peak anonymous memory of the program, in megabytes (10⁶ bytes).
const MEGABYTES: f64 = 256.0;

/// The results of the honest rider during one attack.
pub(super) struct Row {
    pub(super) attack: &'static str,
    pub(super) experience: Experience,
    /// The peak anonymous memory of the program.
    pub(super) megabytes: f64,
    /// The number of responses to the attacker, by status.
    pub(super) answers: String,
}

impl Row {
    fn misses(&self) -> String {
        let experience = &self.experience;
        let (median, late) = (experience.percentile(50), experience.percentile(99));
        let mut misses = String::new();
        // Writing to a `String` cannot fail.
        if median > MEDIAN {
            write!(misses, " a median of {median:.0?};").ok();
        }
        if late > PERCENTILE_99 {
            write!(misses, " a 99th percentile of {late:.0?};").ok();
        }
        if experience.failed() > 0 {
            write!(misses, " requests failed ({});", experience.failures()).ok();
        }
        if self.megabytes > MEGABYTES {
            write!(misses, " {:.0} MB;", self.megabytes).ok();
        }
        if misses.is_empty() {
            return misses;
        }
        format!("{}:{misses}\n", self.attack)
    }
}

/// A table with a row for each attack. Each row is printed as soon as it is known.
#[derive(Default)]
pub(super) struct Report {
    rows: usize,
    misses: String,
}

impl Report {
    pub(super) fn add(&mut self, row: &Row) {
        if self.rows == 0 {
            println!(
                "| attack | median ms | 95th | 99th | failed | log-ins | MB | answers to the attacker |"
            );
            println!("|---|--:|--:|--:|--:|--:|--:|---|");
        }
        self.rows += 1;
        self.misses += &row.misses();
        let experience = &row.experience;
        let milliseconds = |percent| experience.percentile(percent).as_secs_f64() * 1000.0;
        println!(
            "| {} | {:.1} | {:.1} | {:.1} | {} | {} | {:.0} | {} |",
            row.attack,
            milliseconds(50),
            milliseconds(95),
            milliseconds(99),
            experience.failures(),
            experience.log_ins(),
            row.megabytes,
            row.answers
        );
    }

    /// Returns an error if a target was missed.
    pub(super) fn verdict(self) -> anyhow::Result<()> {
        ensure!(self.misses.is_empty(), "targets were missed:\n{}", self.misses);
        Ok(())
    }
}
