//! How long answers took, as a table.

use std::fmt;
use std::time::Duration;

/// How long each answer took.
#[derive(Debug)]
pub(crate) struct Latencies {
    sorted: Vec<Duration>,
    time: Duration,
}

impl Latencies {
    /// Takes what was measured while `time` passed.
    pub(crate) fn new(mut latencies: Vec<Duration>, time: Duration) -> Self {
        latencies.sort_unstable();
        Self {
            sorted: latencies,
            time,
        }
    }

    /// The time that so many of a hundred answers did not exceed, in milliseconds.
    fn percentile(&self, percent: usize) -> f64 {
        let place = (self.sorted.len() * percent / 100).min(self.sorted.len().saturating_sub(1));
        self.sorted
            .get(place)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a benchmark asks fewer than 2^53 questions"
    )]
    fn per_second(&self) -> f64 {
        self.sorted.len() as f64 / self.time.as_secs_f64()
    }
}

/// A line for each kind of question.
#[derive(Debug, Default)]
pub(crate) struct Table {
    lines: Vec<(&'static str, Option<f64>, Latencies)>,
}

impl Table {
    /// Adds a line; `earlier` is what the earlier service did in a second.
    pub(crate) fn add(&mut self, name: &'static str, earlier: Option<f64>, latencies: Latencies) {
        self.lines.push((name, earlier, latencies));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| | a second | median ms | 95th | 99th | times the earlier service |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|")?;
        for (name, earlier, latencies) in &self.lines {
            let times = earlier.map(|earlier| format!("{:.1}", latencies.per_second() / earlier));
            writeln!(
                f,
                "| {name} | {:.0} | {:.2} | {:.2} | {:.2} | {} |",
                latencies.per_second(),
                latencies.percentile(50),
                latencies.percentile(95),
                latencies.percentile(99),
                times.unwrap_or_default(),
            )?;
        }
        Ok(())
    }
}
