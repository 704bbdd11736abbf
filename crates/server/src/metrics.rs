//! Metrics for Prometheus, on a listener of their own: off unless it is configured, since they are nobody's business but the operator's.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

/// Bounds of the durations that are told apart, in seconds: from a read of one document to the longest that a request may take. A
/// password is checked in a quarter of a second.
const DURATIONS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// How often what was measured is summed up, so that it takes no more and more memory while nobody asks.
const SUMMING_PERIOD: Duration = Duration::from_secs(5);

/// What has been measured so far.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Begins to measure, for the whole process.
    ///
    /// # Errors
    /// When the process measures already.
    pub fn begin() -> anyhow::Result<Self> {
        const REQUESTS: &str = "kairos_http_request_duration_seconds";
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(REQUESTS.to_owned()), &DURATIONS)
            .and_then(PrometheusBuilder::install_recorder)
            .context("nothing can be measured")?;
        describe_histogram!(REQUESTS, Unit::Seconds, "How long requests took, by route");
        describe_gauge!(
            "kairos_http_requests_in_flight",
            "Requests that are being answered"
        );
        describe_counter!(
            "kairos_mails_total",
            "Attempts to send a mail, by what became of them"
        );
        describe_gauge!(
            "kairos_build_info",
            "Always 1; its label says which version this is"
        );
        describe_gauge!("process_resident_memory_bytes", Unit::Bytes, "Memory in use");
        gauge!("kairos_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
        Ok(Self(handle))
    }

    /// What answers Prometheus.
    pub fn router(&self) -> Router {
        let metrics = self.clone();
        let text = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
        Router::new().route("/metrics", get(async move || (text, metrics.render())))
    }

    /// Sums up now and then, until it is asked to stop.
    pub(crate) async fn sum_up(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(SUMMING_PERIOD);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => self.0.run_upkeep(),
            }
        }
    }

    fn render(&self) -> String {
        if let Some(bytes) = resident_memory() {
            gauge!("process_resident_memory_bytes").set(bytes);
        }
        self.0.render()
    }
}

/// How much memory this process has in use, where the system tells.
fn resident_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}
