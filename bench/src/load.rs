//! Asks the program the same kind of question on many connections at once, each as soon as it has its answer.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use fastrand::Rng;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use crate::program::Program;
use crate::table::Latencies;

/// A kind of question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The path below `/api/v1`; `{journey}` is a journey, another one each time.
    path: &'static str,
    /// How many a second the earlier service answered, on a machine of two cores with 16 connections.
    pub(crate) earlier: Option<f64>,
}

/// What is asked.
pub(crate) const QUESTIONS: [Question; 4] = [
    Question {
        name: "a sign of life of the store",
        path: "/mongodb",
        earlier: None,
    },
    Question {
        name: "/users/me",
        path: "/users/me",
        earlier: Some(1_458.0),
    },
    Question {
        name: "a journey",
        path: "/journeys/{journey}",
        earlier: Some(841.0),
    },
    Question {
        name: "a journey's 50 markers",
        path: "/journeys/{journey}/markers",
        earlier: Some(318.0),
    },
];

/// How to ask.
pub(crate) struct Load {
    pub(crate) address: String,
    pub(crate) token: String,
    pub(crate) connections: usize,
    pub(crate) time: Duration,
    pub(crate) journeys: Vec<String>,
}

impl Load {
    /// Asks for a while.
    pub(crate) async fn ask(&self, question: Question) -> anyhow::Result<Latencies> {
        let mut asking = JoinSet::new();
        let deadline = Instant::now() + self.time;
        for number in (0..).take(self.connections) {
            let address = self.address.clone();
            let authorization = format!("Bearer {}", self.token);
            let journeys = self.journeys.clone();
            asking.spawn(async move {
                let mut connection = connect(&address).await?;
                let mut random = Rng::with_seed(number);
                let mut latencies = Vec::new();
                while Instant::now() < deadline {
                    let journey = random.choice(&journeys).context("there are no journeys")?;
                    let path = format!("/api/v1{}", question.path.replace("{journey}", journey));
                    let request = Request::get(&path)
                        .header("host", "kairos")
                        .header("authorization", &authorization)
                        .body(Full::default())?;
                    let asked = Instant::now();
                    let (status, _) = exchange(&mut connection, request).await?;
                    ensure!(status == StatusCode::OK, "{path} was answered {status}");
                    latencies.push(asked.elapsed());
                }
                anyhow::Ok(latencies)
            });
        }
        let mut all = Vec::new();
        while let Some(latencies) = asking.join_next().await {
            all.extend(latencies??);
        }
        Ok(Latencies::new(all, self.time))
    }
}

/// Logs in, and gives the access token.
pub(crate) async fn log_in(program: &Program, email: &str, password: &str) -> anyhow::Result<String> {
    let mut connection = connect(&program.address).await?;
    let request = Request::post("/api/v1/auth/token")
        .header("host", "kairos")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::from(format!("username={email}&password={password}")))?;
    let (status, body) = exchange(&mut connection, request).await?;
    ensure!(status == StatusCode::OK, "the log-in was answered {status}");
    let tokens: serde_json::Value = serde_json::from_slice(&body)?;
    let token = tokens.get("access_token").and_then(|token| token.as_str());
    token.map(str::to_owned).context("there is no token")
}

/// Asks for a sign of life.
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
    let stream = Program::connect(address).await?;
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
