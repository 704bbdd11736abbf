//! How often one may guess, register and ask for mail, and how many passwords wait at once.

mod clients;
mod guesses;
mod mails;
mod password_queue;

use crate::it::support::{Actor, Answer};

const WRONG: &str = "Incorrect username or password";
const TOO_MANY: &str = "Too many attempts, please try again later";

async fn log_in(actor: &Actor<'_>, email: &str, password: &str) -> Answer {
    let form = [("username", email), ("password", password)];
    actor.post_form("/auth/token", &form).await
}

/// Fails to log in so many times.
async fn fail(actor: &Actor<'_>, email: &str, times: usize) {
    for _ in 0..times {
        log_in(actor, email, "a guess").await.refuses(400, WRONG);
    }
}

/// Checks that it is a 429, and gives the seconds of `Retry-After`.
fn seconds_to_wait(answer: Answer) -> i64 {
    answer
        .refuses_as(429, "rate_limited", TOO_MANY)
        .header("retry-after")
        .parse()
        .unwrap()
}
