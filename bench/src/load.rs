//! Sends the same kind of request on many connections at once.
//!
//! Each connection sends its next request once the response has arrived.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, Utc};
use fastrand::Rng;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use kairos_api::JwtCodec;
use kairos_domain::id::UserId;
use kairos_domain::token::{Claims, Scope, TokenCodec as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::program::Program;
use crate::questions::Question;
use crate::table::{Answered, Latencies};
use crate::world::World;

/// The expiry of the benchmark's tokens, long after the benchmark ends.
const FAR_AWAY: DateTime<Utc> = DateTime::from_timestamp_nanos(i64::MAX);

/// The maximum number of markers that one connection adds, so that no journey exceeds its limit.
const MOST_WRITES: usize = 400;

/// The settings of a load test.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) address: String,
    pub(crate) time: Duration,
    pub(crate) tokens: Tokens,
    /// The number of journeys. Each rider has one.
    pub(crate) journeys: u32,
}

impl Load {
    /// Sends requests for the configured time, on `connections` connections at once.
    ///
    /// Responses with status 503 are measured, too, and counted separately.
    pub(crate) async fn ask(&self, question: Question, connections: usize) -> anyhow::Result<Latencies> {
        let mut asking = JoinSet::new();
        let begun = Instant::now();
        let deadline = begun + self.time;
        for number in (0..).take(connections) {
            let load = self.clone();
            asking.spawn(async move { load.ask_until(deadline, question, number).await });
        }
        let mut all = Vec::new();
        while let Some(latencies) = asking.join_next().await {
            all.extend(latencies??);
        }
        Ok(Latencies::new(all, begun.elapsed()))
    }

    async fn ask_until(
        &self,
        deadline: Instant,
        question: Question,
        seed: u64,
    ) -> anyhow::Result<Vec<Answered>> {
        let mut connection = connect(&self.address).await?;
        let mut random = Rng::with_seed(seed);
        let mut latencies = Vec::new();
        // Each connection waits for at least one response, however long it takes.
        while latencies.is_empty() || Instant::now() < deadline {
            if question.write.is_some() && latencies.len() == MOST_WRITES {
                break;
            }
            let (rider, journey) = question.who.draw(self.journeys, &mut random);
            let id = World::journey_id(journey).to_string();
            let path = format!("/api/v1{}", question.path.replace("{journey}", &id));
            let (method, body) = match question.write {
                Some(write) => (Method::POST, write.body(journey, &mut random)),
                None => (Method::GET, String::new()),
            };
            let request = Request::builder()
                .method(method)
                .uri(&path)
                .header("host", "kairos")
                .header("authorization", self.tokens.bearer(World::rider(rider)))
                .body(Full::from(body))?;
            let asked = Instant::now();
            let (status, _) = exchange(&mut connection, request).await?;
            let is_given = status.is_success();
            ensure!(
                is_given || status == StatusCode::SERVICE_UNAVAILABLE,
                "{path} was answered {status}"
            );
            latencies.push(Answered {
                time: asked.elapsed(),
                is_given,
            });
        }
        Ok(latencies)
    }
}

/// Signs access tokens as the program does.
#[derive(Clone)]
pub(crate) struct Tokens(Arc<JwtCodec>);

impl Tokens {
    pub(crate) fn new(secret: &str) -> Self {
        Self(Arc::new(JwtCodec::new(secret.as_bytes())))
    }

    /// Returns the value of the `Authorization` header for a rider.
    pub(crate) fn bearer(&self, rider: UserId) -> String {
        let claims = Claims {
            scope: Scope::Access,
            subject: rider.to_string(),
            expires_at: FAR_AWAY,
            own: None,
        };
        format!("Bearer {}", self.0.sign(&claims))
    }
}

/// Sends a health check.
pub(crate) async fn ping(address: &str) -> anyhow::Result<()> {
    let mut connection = connect(address).await?;
    let request = Request::get("/api/v1/health")
        .header("host", "kairos")
        .body(Full::default())?;
    let (status, _) = exchange(&mut connection, request).await?;
    ensure!(status == StatusCode::OK);
    Ok(())
}

pub(crate) async fn connect(address: &str) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    speak_on(Program::connect(address).await?).await
}

/// Connects from another address of this machine, so that the program sees a separate client.
pub(crate) async fn connect_from(
    address: &str,
    client: Ipv4Addr,
) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    speak_on(Program::connect_from(address, client).await?).await
}

async fn speak_on(stream: TcpStream) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

pub(crate) async fn exchange(
    connection: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> anyhow::Result<(StatusCode, Bytes)> {
    connection.ready().await?;
    let answer = connection.send_request(request).await?;
    let status = answer.status();
    Ok((status, answer.into_body().collect().await?.to_bytes()))
}
