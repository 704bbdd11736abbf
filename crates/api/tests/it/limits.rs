//! How often one may guess, register and ask for mail.

use chrono::TimeDelta;
use futures_util::future::join_all;
use kairos_domain::mail::MailKind;
use serde_json::json;

use crate::it::support::{Actor, Answer, App, PASSWORD};

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
        .refuses(429, TOO_MANY)
        .header("retry-after")
        .parse()
        .unwrap()
}

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
async fn log_ins_that_succeed_count_nowhere() {
    let app = App::start().await;
    app.rider("ann").await;
    let ann = app.anonymous().at("203.0.113.1");
    fail(&ann, "ann@example.org", 9).await;
    let log_ins = (0..40).map(|_| log_in(&ann, "ann@example.org", PASSWORD));
    for answer in join_all(log_ins).await {
        answer.expect(200);
    }
    fail(&ann, "ann@example.org", 1).await;
    seconds_to_wait(log_in(&ann, "ann@example.org", PASSWORD).await);
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
async fn a_client_registers_and_moves_to_another_address_twenty_times_an_hour() {
    let app = App::start().await;
    let ann = app.rider("ann").await.at("203.0.113.1");
    let register = async |number: usize| {
        let email = format!("rider{number}@example.org");
        let registration = json!({"email": email, "name": "R", "password": PASSWORD});
        let newcomer = app.anonymous().at("203.0.113.1");
        newcomer.post("/users/register", registration).await
    };
    let profile = format!("/users/{}", ann.id());
    for number in 0..8 {
        register(number).await.expect(201);
    }
    // Whether an address is taken can't be asked for more often than that.
    for _ in 0..4 {
        register(0).await.refuses(400, "Email already registered");
    }
    let moves = async |number: usize| {
        let profile_with = json!({"name": "Ann", "email": format!("ann{number}@example.org")});
        ann.put(&profile, profile_with).await
    };
    app.wait(TimeDelta::minutes(10));
    for number in 0..8 {
        moves(number).await.expect(200);
    }
    assert_eq!(seconds_to_wait(register(100).await), 3000);
    assert_eq!(seconds_to_wait(register(0).await), 3000);
    assert_eq!(seconds_to_wait(moves(100).await), 3000);
    // Nothing has changed, and what is no change of address is none to the limit.
    let same = json!({"name": "Anna", "email": "ANN7@example.org"});
    assert_eq!(ann.put(&profile, same).await.expect(200).json()["name"], "Anna");
    assert!(app.mailbox.to("rider100@example.org").is_empty());
    app.unverified_rider("elsewhere").await;
    app.wait(TimeDelta::minutes(50));
    register(100).await.expect(201);
}

#[tokio::test]
async fn what_is_malformed_counts_nowhere() {
    let app = App::start().await;
    let nobody = app.anonymous().at("203.0.113.1");
    for _ in 0..25 {
        nobody
            .post("/users/register", json!({"email": "x"}))
            .await
            .expect(422);
        nobody
            .post("/users/reset-password", json!({"email": "x"}))
            .await
            .expect(422);
        nobody
            .post_form("/auth/token", &[("username", "x")])
            .await
            .expect(422);
    }
    let registration = json!({"email": "ann@example.org", "name": "Ann", "password": PASSWORD});
    nobody.post("/users/register", registration).await.expect(201);
}

/// Waits until so many mails of a kind were sent to an address, and checks that there are no more.
async fn mails_arrive(app: &App, email: &str, kind: MailKind, expected: usize) {
    let count = || {
        let mails = app.mailbox.to(email);
        mails.iter().filter(|mail| mail.content.kind() == kind).count()
    };
    for _ in 0..500 {
        if count() >= expected {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(count(), expected);
}

#[tokio::test]
async fn an_address_gets_five_mails_of_a_kind_an_hour_and_nobody_is_told() {
    let app = App::start().await;
    app.unverified_rider("ann").await;
    let ask = async |path: &str, email: &str| {
        for client in 0..8 {
            let asking = app.anonymous().at(&format!("203.0.113.{client}"));
            asking.post(path, json!({"email": email})).await.expect(202);
        }
    };
    for email in ["ann@example.org", "nobody@example.org"] {
        ask("/users/resend-verification", email).await;
        ask("/users/reset-password", email).await;
    }
    // The one that came of the registration is among them.
    mails_arrive(&app, "ann@example.org", MailKind::VerifyEmail, 5).await;
    mails_arrive(&app, "ann@example.org", MailKind::ResetPassword, 5).await;
    mails_arrive(&app, "nobody@example.org", MailKind::ResetPassword, 0).await;
    app.wait(TimeDelta::hours(1));
    ask("/users/reset-password", "ANN@example.org").await;
    mails_arrive(&app, "ann@example.org", MailKind::ResetPassword, 10).await;
}

#[tokio::test]
async fn registering_and_leaving_again_and_again_mails_an_address_five_times_an_hour() {
    let app = App::start().await;
    let registration = json!({"email": "victim@example.org", "name": "R", "password": PASSWORD});
    for client in 0..5 {
        let pest = app.anonymous().at(&format!("203.0.113.{client}"));
        pest.post("/users/register", registration.clone())
            .await
            .expect(201);
        mails_arrive(&app, "victim@example.org", MailKind::VerifyEmail, client + 1).await;
        let pest = app.sign_in("victim@example.org").await;
        pest.delete(&format!("/users/{}", pest.id())).await.expect(200);
    }
    let answer = app.anonymous().post("/users/register", registration).await;
    assert_eq!(seconds_to_wait(answer), 3600);
}

#[tokio::test]
async fn a_client_asks_for_twenty_mails_an_hour_whether_they_are_sent_or_not() {
    let app = App::start().await;
    app.rider("ann").await;
    let asking = app.anonymous().at("203.0.113.1");
    for number in 0..20 {
        let path = ["/users/resend-verification", "/users/reset-password"][number % 2];
        let email = json!({"email": format!("somebody{}@example.org", number / 2)});
        asking.post(path, email).await.expect(202);
    }
    for email in ["ann@example.org", "nobody@example.org"] {
        let answer = asking
            .post("/users/reset-password", json!({"email": email}))
            .await;
        assert_eq!(seconds_to_wait(answer), 3600);
    }
    let elsewhere = app.anonymous().at("203.0.113.2");
    elsewhere
        .post("/users/reset-password", json!({"email": "ann@example.org"}))
        .await
        .expect(202);
    mails_arrive(&app, "ann@example.org", MailKind::ResetPassword, 1).await;
}

#[tokio::test]
async fn reading_is_not_limited() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("To the sea").await;
    for _ in 0..300 {
        ann.get("/users/me").await.expect(200);
        ann.get(&format!("/journeys/{journey}/markers")).await.expect(200);
    }
    ann.post_form(
        "/auth/token",
        &[("username", ann.email()), ("password", PASSWORD)],
    )
    .await
    .expect(200);
}

#[tokio::test]
async fn only_a_trusted_proxy_says_who_is_asking() {
    let app = App::start().await;
    app.rider("ann").await;
    let form = "username=ann@example.org&password=a+guess";
    let guess = async |peer: &str, forwarded: &str| {
        let request = app
            .anonymous()
            .at(peer)
            .request(axum::http::Method::POST, "/auth/token");
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-forwarded-for", forwarded);
        app.send(request.body(form.into()).unwrap()).await.status.as_u16()
    };
    // One client, whatever it says.
    for number in 0..12 {
        let status = guess("203.0.113.1", &format!("198.51.100.{number}")).await;
        assert_eq!(status, if number < 10 { 400 } else { 429 });
    }
    // The proxy's clients, one by one; what they say themselves stands left of what it says.
    for number in 0..12 {
        assert_eq!(guess("192.0.2.1", &format!("198.51.100.{number}")).await, 400);
        let status = guess("192.0.2.1", &format!("198.51.100.{number}, 2001:db8::{number}")).await;
        assert_eq!(status, if number < 10 { 400 } else { 429 }, "{number}");
    }
}
