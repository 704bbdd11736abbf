//! Guessing passwords.

use chrono::TimeDelta;
use futures_util::future::join_all;
use kairos_domain::mail::MailKind;
use serde_json::json;

use super::{WRONG, fail, log_in, seconds_to_wait};
use crate::it::support::{Actor, App, PASSWORD};

#[tokio::test]
async fn ten_failed_log_ins_in_a_quarter_of_an_hour_are_all_that_one_client_has_at_an_address() {
    let app = App::start().await;
    app.rider("ann").await;
    let guesser = app.anonymous().at("203.0.113.1");
    for email in ["ann@example.org", "nobody@example.org", "no address"] {
        fail(&guesser, email, 4).await;
        app.wait(TimeDelta::minutes(5));
        fail(&guesser, &email.to_uppercase(), 6).await;
        // The right password, too: otherwise the limit would be none.
        for password in ["another guess", PASSWORD] {
            assert_eq!(seconds_to_wait(log_in(&guesser, email, password).await), 600);
        }
        app.wait(TimeDelta::seconds(599));
        assert_eq!(seconds_to_wait(log_in(&guesser, email, PASSWORD).await), 1);
        app.wait(TimeDelta::seconds(1));
        fail(&guesser, email, 4).await;
        seconds_to_wait(log_in(&guesser, email, PASSWORD).await);
    }
    app.wait(TimeDelta::minutes(15));
    log_in(&guesser, "ann@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_burst_of_guesses_gains_nothing() {
    let app = App::start().await;
    app.rider("ann").await;
    let guesser = app.anonymous().at("203.0.113.1");
    let guesses = (0..50).map(|number| {
        let guess = format!("guess {number}");
        let guesser = &guesser;
        async move { log_in(guesser, "ann@example.org", &guess).await.status.as_u16() }
    });
    let statuses = join_all(guesses).await;
    let told = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((told(400), told(429)), (10, 40), "{statuses:?}");
}

#[tokio::test]
async fn log_ins_that_succeed_are_no_guesses() {
    let app = App::start().await;
    app.rider("ann").await;
    let ann = app.anonymous().at("203.0.113.1");
    fail(&ann, "ann@example.org", 9).await;
    succeed(&ann, "ann@example.org", 40).await;
    fail(&ann, "ann@example.org", 1).await;
    seconds_to_wait(log_in(&ann, "ann@example.org", PASSWORD).await);
}

/// Logs in so many times, ten at once.
async fn succeed(actor: &Actor<'_>, email: &str, times: usize) {
    for _ in 0..times / 10 {
        for answer in join_all((0..10).map(|_| log_in(actor, email, PASSWORD))).await {
            answer.expect(200);
        }
    }
}

#[tokio::test]
async fn a_client_logs_in_three_hundred_times_in_a_quarter_of_an_hour() {
    let app = App::start().await;
    app.rider("ann").await;
    app.rider("bob").await;
    let home = app.anonymous().at("203.0.113.1");
    succeed(&home, "ann@example.org", 150).await;
    app.wait(TimeDelta::minutes(5));
    succeed(&home, "bob@example.org", 150).await;
    for password in [PASSWORD, "a guess"] {
        assert_eq!(
            seconds_to_wait(log_in(&home, "ann@example.org", password).await),
            600
        );
    }
    let elsewhere = app.anonymous().at("203.0.113.2");
    log_in(&elsewhere, "ann@example.org", PASSWORD).await.expect(200);
    app.wait(TimeDelta::minutes(10));
    log_in(&home, "ann@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_hundred_failed_log_ins_are_all_that_one_client_has() {
    let app = App::start().await;
    app.rider("ann").await;
    let guesser = app.anonymous().at("2001:db8:1:2::1");
    for number in 0..100 {
        fail(&guesser, &format!("rider{number}@example.org"), 1).await;
    }
    let neighbour = app.anonymous().at("2001:db8:1:2:aaaa::2");
    for client in [&guesser, &neighbour] {
        assert_eq!(
            seconds_to_wait(log_in(client, "ann@example.org", PASSWORD).await),
            900
        );
    }
    let elsewhere = app.anonymous().at("2001:db8:1:3::1");
    log_in(&elsewhere, "ann@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn guesses_of_others_on_a_shared_network_lock_out_no_rider_who_has_logged_in_there() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let network = app.anonymous().at("203.0.113.1");
    log_in(&network, "ann@example.org", PASSWORD).await.expect(200);
    for number in 0..100 {
        fail(&network, &format!("rider{number}@example.org"), 1).await;
    }
    seconds_to_wait(log_in(&network, "bob@example.org", PASSWORD).await);
    log_in(&network, "ann@example.org", PASSWORD).await.expect(200);
    let change = json!({"current_password": PASSWORD, "new_password": "another password"});
    let ann = Actor::with_token(&app, ann.access_token()).at("203.0.113.1");
    ann.post("/users/me/password", change).await.expect(200);
    // Ten guesses at one address are all that there are from one client, known or not.
    fail(&network, "ann@example.org", 10).await;
    seconds_to_wait(log_in(&network, "ann@example.org", "another password").await);
}

#[tokio::test]
async fn guessing_from_elsewhere_locks_nobody_out_below_a_hundred_and_never_who_was_here_before() {
    let app = App::start().await;
    app.rider("ann").await;
    let home = app.anonymous().at("198.51.100.1");
    log_in(&home, "ann@example.org", PASSWORD).await.expect(200);
    for email in ["ann@example.org", "nobody@example.org"] {
        for network in 1..=10 {
            let stranger = app.anonymous().at(&format!("203.0.113.{network}"));
            let times = if network == 10 { 9 } else { 10 };
            fail(&stranger, email, times).await;
        }
        let on_the_road = app.anonymous().at("198.51.100.2");
        log_in(&on_the_road, "ann@example.org", PASSWORD)
            .await
            .expect(200);
        fail(&app.anonymous().at("203.0.113.11"), email, 1).await;
        let newcomer = app.anonymous().at("198.51.100.3");
        assert_eq!(seconds_to_wait(log_in(&newcomer, email, PASSWORD).await), 900);
        // Whoever was here before is no stranger, and fails on an own account.
        for known in [&home, &on_the_road] {
            fail(known, "ann@example.org", 3).await;
            log_in(known, "ann@example.org", PASSWORD).await.expect(200);
        }
        app.wait(TimeDelta::minutes(15));
        let form = log_in(&newcomer, email, "a guess").await;
        form.refuses(400, WRONG);
        app.wait(TimeDelta::minutes(15));
    }
}

#[tokio::test]
async fn a_client_is_a_stranger_again_after_ninety_days() {
    let app = App::start().await;
    app.rider("ann").await;
    let home = app.anonymous().at("198.51.100.1");
    log_in(&home, "ann@example.org", PASSWORD).await.expect(200);
    for (days, status) in [(89, 200), (89, 200), (90, 429)] {
        app.wait(TimeDelta::days(days));
        for network in 1..=10 {
            fail(
                &app.anonymous().at(&format!("203.0.113.{network}")),
                "ann@example.org",
                10,
            )
            .await;
        }
        log_in(&home, "ann@example.org", PASSWORD).await.expect(status);
    }
}

#[tokio::test]
async fn the_present_password_is_no_easier_to_guess_for_whoever_has_a_token() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let thief = Actor::with_token(&app, ann.access_token()).at("203.0.113.1");
    let guess = async |password: &str| {
        let change = json!({"current_password": password, "new_password": "mine from now on"});
        thief.post("/users/me/password", change).await
    };
    for _ in 0..10 {
        guess("a guess").await.refuses(400, "Incorrect password");
    }
    assert_eq!(seconds_to_wait(guess(PASSWORD).await), 900);
    seconds_to_wait(log_in(&thief, ann.email(), PASSWORD).await);
    ann.get("/users/me").await.expect(200);
    app.sign_in(ann.email()).await;
}

#[tokio::test]
async fn whoever_has_set_a_new_password_by_a_link_is_no_stranger_there() {
    let app = App::start().await;
    app.rider("ann").await;
    for network in 1..=10 {
        let stranger = app.anonymous().at(&format!("203.0.113.{network}"));
        fail(&stranger, "ann@example.org", 10).await;
    }
    let ann = app.anonymous().at("198.51.100.1");
    seconds_to_wait(log_in(&ann, "ann@example.org", PASSWORD).await);
    ann.post("/users/reset-password", json!({"email": "ann@example.org"}))
        .await
        .expect(202);
    let token = app.mailed_token("ann@example.org", MailKind::ResetPassword).await;
    let reset = json!({"token": token, "new_password": "another password"});
    ann.post("/users/update-password", reset).await.expect(200);
    log_in(&ann, "ann@example.org", "another password")
        .await
        .expect(200);
}
