//! The queue before the threads that hash passwords.

use std::task::{Context, Waker};

use futures_util::future::join_all;
use kairos_domain::client::Client;
use kairos_domain::mail::MailKind;
use kairos_domain::password::{PasswordAttempt, PasswordHash};
use serde_json::json;

use super::{fail, log_in};
use crate::it::support::{Actor, Answer, App, PASSWORD};

#[track_caller]
fn is_refused(answer: Answer) {
    let text = "Too many passwords at once, please try again";
    let refused = answer.refuses_as(429, "rate_limited", text);
    assert_eq!(refused.header("retry-after"), "1");
}

#[tokio::test]
async fn a_client_has_sixteen_places_in_the_password_queue_and_takes_none_from_others() {
    for rate_limit in [true, false] {
        let app = App::start_with(|settings| settings.rate_limit = rate_limit).await;
        let ann = app.rider("ann").await;
        let ask = json!({"email": ann.email()});
        ann.post("/users/reset-password", ask).await.expect(202);
        let token = app.mailed_token(ann.email(), MailKind::ResetPassword).await;
        let crowd = app.anonymous().at("203.0.113.1");
        let client = Client::at("203.0.113.1".parse().unwrap());
        let verify = |client, hash| {
            let attempt = PasswordAttempt::new("a guess".to_owned());
            Box::pin(app.passwords.verify(client, attempt, hash))
        };
        let slow_hash = PasswordHash::stored(format!("$2b$12${}", ".".repeat(53)));
        let another = Client::at("203.0.113.2".parse().unwrap());
        let mut running = [(); 3].map(|()| verify(another, Some(&slow_hash)));
        let mut places = [(); 16].map(|()| verify(client, None));
        // The first three run, and the others wait behind them. Nobody polls those, so they keep their places.
        for place in running.iter_mut().chain(&mut places) {
            let poll = place.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(poll.is_pending());
        }
        is_refused(log_in(&crowd, ann.email(), PASSWORD).await);
        let registration = json!({"email": "bob@example.org", "name": "Bob", "password": PASSWORD});
        is_refused(crowd.post("/users/register", registration).await);
        let reset = json!({"token": token, "new_password": "another password"});
        is_refused(crowd.post("/users/update-password", reset.clone()).await);
        let change = json!({"current_password": PASSWORD, "new_password": "another password"});
        let in_the_crowd = Actor::with_token(&app, ann.access_token()).at("203.0.113.1");
        is_refused(in_the_crowd.post("/users/me/password", change).await);
        let (_, served) = tokio::join!(join_all(places), log_in(&ann, ann.email(), PASSWORD));
        served.expect(200);
        // A refused password was no guess, and has changed nothing.
        fail(&crowd, ann.email(), 9).await;
        crowd.post("/users/update-password", reset).await.expect(200);
    }
}
