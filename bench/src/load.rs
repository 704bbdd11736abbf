//! Asks the program the same kind of question on many connections at once, each as soon as it has its answer.

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
use tokio::task::JoinSet;

use crate::program::Program;
use crate::table::{Answered, Latencies};
use crate::world::World;

/// When the benchmark's tokens end: long after it.
const FAR_AWAY: DateTime<Utc> = DateTime::from_timestamp_nanos(i64::MAX);

/// A kind of question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The path below `/api/v1`; `{journey}` is a journey of the asking rider's.
    path: &'static str,
    /// What is written there, if it is no question but a write.
    write: Option<Write>,
    /// Who asks.
    who: Who,
    /// How many a second the earlier service answered, on a machine of two cores with 16 connections.
    pub(crate) earlier: Option<f64>,
}

/// A marker that is added.
#[derive(Debug, Clone, Copy)]
enum Write {
    /// One for a day of the journey: its track follows.
    Dated,
    /// One without a day, which no track minds.
    Undated,
}

/// Who asks a question.
#[derive(Debug, Clone, Copy)]
enum Who {
    /// Always the same rider, about the journeys of all.
    One,
    /// Another rider each time, about their own journey.
    Anyone,
    /// Another rider each time whose journey has days from today on, about that.
    AnyoneOnTheWay,
    /// The rider who adds markers to a long journey.
    TheGreatScribe,
    /// The rider who has put ten thousand markers on one journey.
    TheGreatTraveller,
}

/// What an account is asked for all day, on as many connections as there are.
pub(crate) const EVERYDAY: [Question; 4] = [
    Question {
        name: "a sign of life of the store",
        path: "/mongodb",
        write: None,
        who: Who::One,
        earlier: None,
    },
    Question {
        name: "/users/me",
        path: "/users/me",
        write: None,
        who: Who::One,
        earlier: Some(1_458.0),
    },
    Question {
        name: "a journey",
        path: "/journeys/{journey}",
        write: None,
        who: Who::One,
        earlier: Some(841.0),
    },
    Question {
        name: "a journey's 50 markers",
        path: "/journeys/{journey}/markers",
        write: None,
        who: Who::One,
        earlier: Some(318.0),
    },
];

/// What discovery is asked, one question after the other.
pub(crate) const DISCOVERY: [Question; 11] = [
    Question {
        name: "pong, for comparison",
        path: "/",
        write: None,
        who: Who::One,
        earlier: None,
    },
    Question {
        name: "nearby",
        path: "/journeys/{journey}/journeys/nearby",
        write: None,
        who: Who::Anyone,
        earlier: None,
    },
    Question {
        name: "nearby, 500 within 500 km",
        path: "/journeys/{journey}/journeys/nearby?limit=500&max_distance_meters=500000",
        write: None,
        who: Who::Anyone,
        earlier: None,
    },
    Question {
        name: "nearby, of 10 000 markers",
        path: "/journeys/{journey}/journeys/nearby",
        write: None,
        who: Who::TheGreatTraveller,
        earlier: None,
    },
    Question {
        name: "nearby, of 10 000, 500 within 500 km",
        path: "/journeys/{journey}/journeys/nearby?limit=500&max_distance_meters=500000",
        write: None,
        who: Who::TheGreatTraveller,
        earlier: None,
    },
    Question {
        name: "encounters",
        path: "/journeys/{journey}/encounters",
        write: None,
        who: Who::AnyoneOnTheWay,
        earlier: None,
    },
    Question {
        name: "encounters, 14 days and 200 km apart",
        path: "/journeys/{journey}/encounters?within_days=14&max_distance_meters=200000&limit=500",
        write: None,
        who: Who::AnyoneOnTheWay,
        earlier: None,
    },
    Question {
        name: "add an undated marker to 50",
        path: "/journeys/{journey}/markers",
        write: Some(Write::Undated),
        who: Who::Anyone,
        earlier: None,
    },
    Question {
        name: "add a dated marker to 50",
        path: "/journeys/{journey}/markers",
        write: Some(Write::Dated),
        who: Who::Anyone,
        earlier: None,
    },
    Question {
        name: "add an undated marker to 9 000",
        path: "/journeys/{journey}/markers",
        write: Some(Write::Undated),
        who: Who::TheGreatScribe,
        earlier: None,
    },
    Question {
        name: "add a dated marker to 9 000",
        path: "/journeys/{journey}/markers",
        write: Some(Write::Dated),
        who: Who::TheGreatScribe,
        earlier: None,
    },
];

/// How many markers are added at the most, so that no journey gets more than it may have.
const MOST_WRITES: usize = 400;

/// How to ask.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) address: String,
    pub(crate) time: Duration,
    pub(crate) tokens: Tokens,
    /// How many journeys there are, one of each rider.
    pub(crate) journeys: u32,
}

impl Load {
    /// Asks for a while, on so many connections at once. An answer of 503 is one, too, and counted.
    pub(crate) async fn ask(&self, question: Question, connections: usize) -> anyhow::Result<Latencies> {
        let mut asking = JoinSet::new();
        let deadline = Instant::now() + self.time;
        for number in (0..).take(connections) {
            let load = self.clone();
            asking.spawn(async move { load.ask_until(deadline, question, number).await });
        }
        let mut all = Vec::new();
        while let Some(latencies) = asking.join_next().await {
            all.extend(latencies??);
        }
        Ok(Latencies::new(all, self.time))
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
        // However long an answer takes, one is waited for.
        while latencies.is_empty() || Instant::now() < deadline {
            if question.write.is_some() && latencies.len() == MOST_WRITES {
                break;
            }
            let (rider, journey) = match question.who {
                Who::One => (0, random.u32(0..self.journeys)),
                Who::Anyone => {
                    let number = random.u32(0..self.journeys);
                    (number, number)
                }
                Who::AnyoneOnTheWay => {
                    let mut numbers = std::iter::repeat_with(|| random.u32(0..self.journeys));
                    let number = numbers.find(|number| World::is_yet_to_end(*number));
                    let number = number.unwrap_or_default();
                    (number, number)
                }
                Who::TheGreatScribe => (World::GREAT_SCRIBE, World::GREAT_SCRIBE),
                Who::TheGreatTraveller => (World::GREAT_TRAVELLER, World::GREAT_TRAVELLER),
            };
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

impl Write {
    /// A marker anywhere in Europe, as the API takes it.
    fn body(self, journey: u32, random: &mut Rng) -> String {
        let (longitude, latitude) = (random.f64() * 30.0 - 5.0, random.f64() * 15.0 + 40.0);
        let day = match self {
            Self::Dated => format!(",\"estimated_time\":\"{}\"", World::day_of(journey, random)),
            Self::Undated => String::new(),
        };
        format!(
            "{{\"name\":\"Camp\",\"marker_type\":\"plan\",\"coordinates\":{{\"coordinates\":[{longitude},{latitude}]}}{day}}}"
        )
    }
}

/// Makes access tokens, as the program does.
#[derive(Clone)]
pub(crate) struct Tokens(Arc<JwtCodec>);

impl Tokens {
    pub(crate) fn new(secret: &str) -> Self {
        Self(Arc::new(JwtCodec::new(secret.as_bytes())))
    }

    fn bearer(&self, rider: UserId) -> String {
        let claims = Claims {
            scope: Scope::Access,
            subject: rider.to_string(),
            expires_at: FAR_AWAY,
            own: None,
        };
        format!("Bearer {}", self.0.sign(&claims))
    }
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
