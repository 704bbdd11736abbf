//! Measures the program as a function on AWS Lambda.

use std::time::Duration;

use kairos_test_lambda::{Function, HttpRequest};
use kairos_test_mongod::{TestDatabase, replica_set};

use crate::program::SECRET_KEY;

/// The number of starts.
const STARTS: usize = 30;

/// The number of requests of each kind.
const QUESTIONS: usize = 300;

/// The share of a processor that Lambda gives to a function of 256 MB.
///
/// A function of 1 769 MB gets a whole processor
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>).
const SHARE: f64 = 256.0 / 1769.0;

/// Starts the function repeatedly, sends it requests, and prints the durations.
pub(crate) fn measure() -> anyhow::Result<()> {
    let database = TestDatabase::on(replica_set());
    let directory = tempfile::tempdir()?;
    let start = || start(directory.path(), &database.url());
    let mut function = start()?;
    let health = HttpRequest::new("GET", "/api/v1/health").event();
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        function = start()?;
        starts.push(function.invoke(&health).since_start);
    }
    let (walls, processors): (Vec<_>, Vec<_>) = starts.into_iter().unzip();
    let wall = told("from its start to its first answer", walls);
    let processor = told("time of a processor in that", processors);
    println!(
        "with a seventh of a processor, as 256 MB have outside Lambda's start: at most {:.0} ms\n",
        wall.max(processor / SHARE)
    );
    for (what, request) in [
        ("a sign of life", HttpRequest::new("GET", "/api/v1/")),
        (
            "a sign of life of the store",
            HttpRequest::new("GET", "/api/v1/health"),
        ),
        ("an unknown rider logs in", log_in()),
        (
            "a registration that is refused",
            HttpRequest::new("POST", "/api/v1/users/register"),
        ),
    ] {
        let count = if what.contains("logs in") {
            QUESTIONS / 30
        } else {
            QUESTIONS
        };
        let event = request.event();
        told(what, (0..count).map(|_| function.invoke(&event).took).collect());
    }
    println!("\nmemory {:.1} MB", function.memory_megabytes());
    Ok(())
}

fn log_in() -> HttpRequest {
    let form = "username=nobody%40example.org&password=a+guess";
    HttpRequest::new("POST", "/api/v1/auth/token").body("application/x-www-form-urlencoded", form)
}

fn start(directory: &std::path::Path, database: &str) -> anyhow::Result<Function> {
    let program = std::env::current_exe()?.with_file_name("kairos");
    let settings = [
        ("ENVIRONMENT", "production"),
        ("SECRET_KEY", SECRET_KEY),
        ("DATABASE_URL", database),
        ("FRONTEND_URL", "https://ride.example.org"),
        ("MAIL_FROM", "Kairos <kairos@example.org>"),
        ("RESEND_API_KEY", "re_benchmark"),
        ("MONGODB_MAX_CONNECTIONS", "4"),
        ("RATE_LIMIT", "off"),
    ];
    Ok(Function::start(&program, directory, &settings))
}

/// Prints the median and the maximum of some durations, and returns the median in milliseconds.
fn told(what: &str, mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    let milliseconds = |time: Option<&Duration>| time.map_or(f64::NAN, Duration::as_secs_f64) * 1000.0;
    let median = milliseconds(times.get(times.len() / 2));
    let longest = milliseconds(times.last());
    println!("{what:40} median {median:8.2} ms, longest {longest:8.2} ms");
    median
}
