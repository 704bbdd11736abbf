//! Measures whether response times reveal which e-mail addresses have an account.
//!
//! Each round sends one request about an address with an account and one about an address without, in random
//! order. Each request comes from a separate client, so that no limit is reached.
//!
//! The figure is the probability that the response is slower for an address with an account than for one
//! without. It is the statistic of Mann and Whitney, 1947, divided by the number of pairs. One half means
//! that the times reveal nothing.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use fastrand::Rng;
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, StatusCode};

use http_body_util::Full;

use crate::load::{connect, exchange};
use crate::program::Program;

/// The number of accounts.
///
/// Each may receive five mails of a kind per hour, including the mail of its registration.
const ACCOUNTS: usize = 15;

/// The number of requests for each kind of address.
const ROUNDS: usize = 4 * ACCOUNTS;

/// The largest accepted distance of the probability from one half.
///
/// By chance alone, about one run in ten thousand exceeds it.
const MARGIN: f64 = 0.2;

/// A kind of request about an e-mail address.
struct Question {
    name: &'static str,
    path: &'static str,
    content_type: &'static str,
    body: fn(&str) -> String,
    answer: StatusCode,
}

const QUESTIONS: [Question; 3] = [
    Question {
        name: "a log-in with a wrong password",
        path: "/api/v1/auth/token",
        content_type: "application/x-www-form-urlencoded",
        body: |email| format!("username={email}&password=a+guess"),
        answer: StatusCode::BAD_REQUEST,
    },
    Question {
        name: "a reset of the password",
        path: "/api/v1/users/reset-password",
        content_type: "application/json",
        body: |email| format!(r#"{{"email": "{email}"}}"#),
        answer: StatusCode::ACCEPTED,
    },
    Question {
        name: "the verification mail again",
        path: "/api/v1/users/resend-verification",
        content_type: "application/json",
        body: |email| format!(r#"{{"email": "{email}"}}"#),
        answer: StatusCode::ACCEPTED,
    },
];

/// Sends the requests and prints a table. Returns an error if a response time reveals something.
pub(crate) async fn measure(program: &Program, seed: u64) -> anyhow::Result<()> {
    let mut asking = Asking {
        connection: connect(&program.address).await?,
        random: Rng::with_seed(seed),
    };
    for number in 0..ACCOUNTS {
        let email = known(number);
        let registration = format!(r#"{{"email": "{email}", "name": "R", "password": "on two wheels"}}"#);
        let (status, _) = asking
            .post("/api/v1/users/register", "application/json", registration)
            .await?;
        ensure!(
            status == StatusCode::CREATED,
            "a registration was answered {status}"
        );
    }
    println!("| | with an account, median ms | without, median ms | with takes longer |");
    println!("|---|--:|--:|--:|");
    let mut telling = Vec::new();
    for question in &QUESTIONS {
        let (with, without) = asking.compare(question).await?;
        let probability = probability_of_longer(&with, &without);
        println!(
            "| {} | {:.1} | {:.1} | {:.0} % |",
            question.name,
            median_ms(with),
            median_ms(without),
            probability * 100.0
        );
        if (probability - 0.5).abs() > MARGIN {
            telling.push(question.name);
        }
    }
    ensure!(
        telling.is_empty(),
        "the time tells who has an account: {}",
        telling.join(", ")
    );
    Ok(())
}

fn known(number: usize) -> String {
    format!("known{}@example.org", number % ACCOUNTS)
}

fn unknown(number: usize) -> String {
    format!("other{}@example.org", number % ACCOUNTS)
}

struct Asking {
    connection: SendRequest<Full<Bytes>>,
    random: Rng,
}

impl Asking {
    async fn compare(&mut self, question: &Question) -> anyhow::Result<(Vec<Duration>, Vec<Duration>)> {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let mut both = [(known(round), &mut with), (unknown(round), &mut without)];
            self.random.shuffle(&mut both);
            for (email, times) in both {
                let body = (question.body)(&email);
                let (status, time) = self.post(question.path, question.content_type, body).await?;
                ensure!(
                    status == question.answer,
                    "{} was answered {status}",
                    question.path
                );
                times.push(time);
            }
        }
        Ok((with, without))
    }

    /// Posts a request as a separate client.
    async fn post(
        &mut self,
        path: &str,
        content_type: &str,
        body: String,
    ) -> anyhow::Result<(StatusCode, Duration)> {
        let [a, b, c, _] = self.random.u32(..).to_be_bytes();
        let request = Request::post(path)
            .header("host", "kairos")
            .header("content-type", content_type)
            .header("x-forwarded-for", format!("10.{a}.{b}.{c}"))
            .body(Full::from(body))?;
        let asked = Instant::now();
        let (status, _) = exchange(&mut self.connection, request)
            .await
            .context("the program is gone")?;
        Ok((status, asked.elapsed()))
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are a few thousand pairs")]
fn probability_of_longer(with: &[Duration], without: &[Duration]) -> f64 {
    let pairs = with
        .iter()
        .flat_map(|one| without.iter().map(move |other| one > other));
    let longer = pairs.clone().filter(|is_longer| *is_longer).count();
    longer as f64 / pairs.count() as f64
}

fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}
