//! The honest rider, who sends requests during an attack.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, StatusCode};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::PASSWORD;
use super::turn::{Turn, form};
use crate::load::{Tokens, connect_from, exchange};
use crate::questions::Write;
use crate::world::World;

/// The time between two requests.
const PACE: Duration = Duration::from_millis(50);

/// The number of requests between two log-ins.
const REQUESTS_A_LOG_IN: u32 = 20;

/// The timeout for a response.
const PATIENCE: Duration = Duration::from_secs(30);

/// The number of the rider and of their journey.
const RIDER: u32 = 1;

/// An honest rider with a client address and connections of their own.
#[derive(Clone)]
pub(super) struct HonestRider {
    server: Arc<str>,
    tokens: Tokens,
    address: Ipv4Addr,
    logs_in: bool,
    /// The open connections that wait for a request.
    idle: Arc<Mutex<Vec<Connection>>>,
}

type Connection = SendRequest<Full<Bytes>>;

/// The responses that the rider received.
#[derive(Debug, Default)]
pub(super) struct Experience {
    /// The latencies, each measured from the instant at which its request was due. Sorted.
    latencies: Vec<Duration>,
    /// The number of failed requests, by status.
    failures: BTreeMap<String, usize>,
    /// The latencies of log-ins, kept apart because bcrypt dominates them.
    log_ins: Vec<Duration>,
}

impl Experience {
    /// Returns the latency that `percent` percent of the requests did not exceed.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let place = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(place).copied().unwrap_or(Duration::MAX)
    }

    pub(super) fn failed(&self) -> usize {
        self.failures.values().sum()
    }

    /// Lists the failures by status.
    pub(super) fn failures(&self) -> String {
        let failures = self.failures.iter();
        let counted: Vec<_> = failures
            .map(|(status, count)| format!("{status}: {count}"))
            .collect();
        if counted.is_empty() {
            return "0".to_owned();
        }
        counted.join(", ")
    }

    /// Returns the number of successful log-ins and the latency of the slowest, as text.
    pub(super) fn log_ins(&self) -> String {
        self.log_ins
            .iter()
            .max()
            .map(|slowest| format!("{} in ≤ {:.1} s", self.log_ins.len(), slowest.as_secs_f64()))
            .unwrap_or_default()
    }

    fn add(&mut self, is_log_in: bool, latency: Duration, answer: Option<StatusCode>) {
        match answer {
            Some(status) if status.is_success() && is_log_in => self.log_ins.push(latency),
            Some(status) if status.is_success() => {}
            Some(status) => *self.failures.entry(status.as_str().to_owned()).or_default() += 1,
            None => *self.failures.entry("no answer".to_owned()).or_default() += 1,
        }
        if !is_log_in {
            self.latencies.push(latency);
        }
    }
}

impl HonestRider {
    pub(super) fn new(server: &str, tokens: Tokens, address: Ipv4Addr, logs_in: bool) -> Self {
        Self {
            server: server.into(),
            tokens,
            address,
            logs_in,
            idle: Arc::default(),
        }
    }

    /// Sends requests at a fixed pace, without waiting for earlier responses.
    pub(super) async fn ride(&self, time: Duration) -> anyhow::Result<Experience> {
        let begun = Instant::now();
        let mut random = Rng::with_seed(1);
        let mut asking = JoinSet::new();
        for number in 0.. {
            let due = begun + PACE * number;
            if due >= begun + time {
                break;
            }
            sleep_until(due).await;
            let mut requests = vec![(false, self.request(number, &mut random)?)];
            if self.logs_in && number % REQUESTS_A_LOG_IN == 0 {
                requests.push((true, log_in()?));
            }
            for (is_log_in, request) in requests {
                let rider = self.clone();
                asking.spawn(async move {
                    let answer = timeout(PATIENCE, rider.ask(request)).await;
                    (is_log_in, due.elapsed(), answer.ok().and_then(Result::ok))
                });
            }
        }
        let mut experience = Experience::default();
        while let Some(asked) = asking.join_next().await {
            let (is_log_in, latency, answer) = asked?;
            experience.add(is_log_in, latency, answer);
        }
        experience.latencies.sort_unstable();
        Ok(experience)
    }

    /// Returns the next request.
    ///
    /// The requests repeat every two seconds: mostly the rider's own data, sometimes another request.
    fn request(&self, number: u32, random: &mut Rng) -> anyhow::Result<Request<Bytes>> {
        let turn = Turn::new(&self.tokens, RIDER, number.into());
        let journey = format!("/api/v1/journeys/{}", World::journey_id(RIDER));
        match number % 40 {
            0 | 20 => turn.get("/api/v1/health"),
            10 => turn.get(&format!("{journey}/journeys/nearby")),
            30 => turn.post_json(&format!("{journey}/markers"), Write::Dated.body(RIDER, random)),
            other => turn.get(&match other % 3 {
                0 => "/api/v1/users/me".to_owned(),
                1 => journey,
                _ => format!("{journey}/markers"),
            }),
        }
    }

    async fn ask(&self, request: Request<Bytes>) -> anyhow::Result<StatusCode> {
        let request = request.map(Full::new);
        // The server may have closed an idle connection. Clients then retry on a new one.
        while let Some(mut connection) = self.idle_connection() {
            if let Ok((status, _)) = exchange(&mut connection, request.clone()).await {
                return Ok(self.keep(connection, status));
            }
        }
        let mut connection = connect_from(&self.server, self.address).await?;
        let (status, _) = exchange(&mut connection, request).await?;
        Ok(self.keep(connection, status))
    }

    fn idle_connection(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = idle.pop() {
            if !connection.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&self, connection: Connection, status: StatusCode) -> StatusCode {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
        status
    }
}

fn log_in() -> anyhow::Result<Request<Bytes>> {
    form(
        "/api/v1/auth/token",
        format!(
            "username={}&password={}",
            World::email(RIDER),
            PASSWORD.replace(' ', "+")
        ),
    )
}
