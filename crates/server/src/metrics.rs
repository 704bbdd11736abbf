//! Metrics for Prometheus, served on a separate listener.
//!
//! They are off unless configured, since only the operator should see them.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

/// Bounds of the histogram buckets, in seconds.
///
/// They range from reading one document to the time limit of a request. Checking a password takes 0.25 s.
const DURATIONS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// Interval of the upkeep of histograms. Without it, memory would grow while nobody asks for metrics.
const SUMMING_PERIOD: Duration = Duration::from_secs(5);

/// A handle to the metrics of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Installs the recorder of metrics for the whole process.
    ///
    /// # Errors
    /// If a recorder is already installed.
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

    /// Returns the route that Prometheus scrapes.
    pub fn router(&self) -> Router {
        let metrics = self.clone();
        let text = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
        Router::new().route("/metrics", get(async move || (text, metrics.render())))
    }

    /// Runs the upkeep of histograms regularly, until `stop` is cancelled.
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

/// Returns the resident memory of this process in bytes, if the system reports it.
fn resident_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}
