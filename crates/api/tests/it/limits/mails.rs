//! Registering, moving to another address, and asking for mail.

use chrono::TimeDelta;
use kairos_domain::mail::MailKind;
use serde_json::json;

use super::{log_in, seconds_to_wait};
use crate::it::support::{App, PASSWORD};

/// Waits until so many mails of a kind were sent to an address, and checks that there are no more.
async fn mails_arrive(app: &App, email: &str, kind: MailKind, expected: usize) {
    let count = || app.mailbox.of_kind(email, kind).len();
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
        let email = format!("ann{number}@example.org");
        let profile_with = json!({"name": "Ann", "email": email, "current_password": PASSWORD});
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
            .post("/users/reset-password", json!({"email": ""}))
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
async fn requests_of_others_on_a_shared_network_block_no_rider_who_has_logged_in_there() {
    let app = App::start().await;
    app.unverified_rider("ann").await;
    let network = app.anonymous().at("203.0.113.1");
    log_in(&network, "ann@example.org", PASSWORD).await.expect(200);
    let ask = async |path: &str, email: &str| network.post(path, json!({"email": email})).await;
    for number in 0..20 {
        ask("/users/reset-password", &format!("somebody{number}@example.org"))
            .await
            .expect(202);
    }
    seconds_to_wait(ask("/users/reset-password", "bob@example.org").await);
    // An address gets no more mails for that.
    for _ in 0..6 {
        for path in ["/users/reset-password", "/users/resend-verification"] {
            ask(path, "ann@example.org").await.expect(202);
        }
    }
    mails_arrive(&app, "ann@example.org", MailKind::ResetPassword, 5).await;
    mails_arrive(&app, "ann@example.org", MailKind::VerifyEmail, 5).await;
}
