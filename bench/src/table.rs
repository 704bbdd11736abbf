//! A table of response times.

use std::fmt;
use std::time::Duration;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered {
    /// The response time.
    pub(crate) time: Duration,
    /// Whether the response was a success, and not a 503.
    pub(crate) is_given: bool,
}

/// The response times of one kind of request.
#[derive(Debug)]
pub(crate) struct Latencies {
    sorted: Vec<Duration>,
    given_up: usize,
    time: Duration,
}

impl Latencies {
    /// Sorts the response times. `time` is the duration from the first request to the last response.
    pub(crate) fn new(answers: Vec<Answered>, time: Duration) -> Self {
        let given_up = answers.iter().filter(|answer| !answer.is_given).count();
        let mut sorted: Vec<_> = answers.into_iter().map(|answer| answer.time).collect();
        sorted.sort_unstable();
        Self {
            sorted,
            given_up,
            time,
        }
    }

    /// Returns the response time that `percent` percent of the responses did not exceed, in milliseconds.
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

/// A table with a line for each kind of request.
#[derive(Debug, Default)]
pub(crate) struct Table {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    name: &'static str,
    /// The requests per second of the earlier service.
    earlier: Option<f64>,
    latencies: Latencies,
    /// The memory of the program after these requests.
    megabytes: Option<f64>,
}

impl Table {
    /// Adds a line.
    ///
    /// `earlier` is the number of requests per second of the earlier service. `megabytes` is the memory of
    /// the program.
    pub(crate) fn add(
        &mut self,
        name: &'static str,
        latencies: Latencies,
        earlier: Option<f64>,
        megabytes: Option<f64>,
    ) {
        self.lines.push(Line {
            name,
            earlier,
            latencies,
            megabytes,
        });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| | a second | median ms | 95th | 99th | given up | MB | times the earlier service |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
        for line in &self.lines {
            let latencies = &line.latencies;
            let times = line
                .earlier
                .map(|earlier| format!("{:.1}", latencies.per_second() / earlier));
            let megabytes = line.megabytes.map(|megabytes| format!("{megabytes:.0}"));
            writeln!(
                f,
                "| {} | {:.0} | {:.2} | {:.2} | {:.2} | {} | {} | {} |",
                line.name,
                latencies.per_second(),
                latencies.percentile(50),
                latencies.percentile(95),
                latencies.percentile(99),
                latencies.given_up,
                megabytes.unwrap_or_default(),
                times.unwrap_or_default(),
            )?;
        }
        Ok(())
    }
}
