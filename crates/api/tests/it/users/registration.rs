//! Registering.

use chrono::TimeDelta;
use futures_util::future::join_all;
use kairos_domain::RegistrationPolicy;
use kairos_domain::clock::Clock;
use kairos_domain::mail::MailKind;
use kairos_domain::token::TokenHash;
use serde_json::{Value, json};

use crate::it::support::{App, PASSWORD};

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

#[tokio::test]
async fn a_rider_registers_verifies_and_sees_their_own_account() {
    let app = App::start().await;
    let registration = json!({
        "email": "Ann@Example.org", "name": "Ann", "password": PASSWORD, "phonenumber": "+43 1", "country": "AT",
        "is_verified": true, "_id": UNKNOWN, "unknown": [1, 2, 3],
    });
    let answer = app
        .anonymous()
        .post("/users/register", registration)
        .await
        .expect(201);
    assert_eq!(answer.json(), json!(null));
    let ann = app.sign_in("ann@example.org").await;
    let me = ann.get("/users/me").await.expect(200);
    assert_ne!(ann.id(), UNKNOWN);
    let expected = json!({
        "_id": ann.id(), "email": "Ann@Example.org", "name": "Ann", "phonenumber": "+43 1", "instagram": null,
        "country": "AT", "is_verified": false,
    });
    assert_eq!(me.json(), expected);
    assert_eq!(me.header("cache-control"), "no-store");

    let token = app.mailed_token("Ann@Example.org", MailKind::VerifyEmail).await;
    let verify = format!("/users/verify-email?token={token}");
    let message = |text: &str| json!({ "message": text });
    assert_eq!(
        app.anonymous().get(&verify).await.expect(200).json(),
        message("Email verified successfully.")
    );
    assert_eq!(
        app.anonymous().get(&verify).await.expect(200).json(),
        message("Email already verified.")
    );
    assert_eq!(ann.get("/users/me").await.json()["is_verified"], true);
}

#[tokio::test]
async fn one_address_has_one_account_however_it_is_spelt() {
    let app = App::start().await;
    app.rider("ann").await;
    let again = json!({"email": "ANN@example.ORG", "name": "Eve", "password": PASSWORD});
    app.anonymous()
        .post("/users/register", again)
        .await
        .refuses(400, "Email already registered");
}

#[tokio::test]
async fn of_ten_registrations_at_once_one_succeeds() {
    let app = App::start().await;
    let nobody = app.anonymous();
    let registrations = (0..10).map(|n| {
        let body = json!({"email": "race@example.org", "name": format!("Racer {n}"), "password": PASSWORD});
        nobody.post("/users/register", body)
    });
    let answers = futures_util::future::join_all(registrations).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![201], vec![400; 9]].concat());
}

#[tokio::test]
async fn a_registration_is_checked_field_by_field() {
    let app = App::start().await;
    let nobody = app.anonymous();
    let faults = |fields: &[&str]| fields.iter().map(|fault| (*fault).to_owned()).collect::<Vec<_>>();
    let post = async |body: serde_json::Value, expected: Vec<String>| {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        nobody.post("/users/register", body).await.faults(&expected)
    };
    post(
        json!({}),
        faults(&[
            "missing at body.email",
            "missing at body.name",
            "missing at body.password",
        ]),
    )
    .await;
    let body = json!({"email": "ann", "name": "  ", "password": "sesame", "phonenumber": 5, "country": "x".repeat(201)});
    let answer = post(
        body,
        faults(&[
            "value_error at body.email",
            "value_error at body.name",
            "string_too_short at body.password",
            "string_type at body.phonenumber",
            "string_too_long at body.country",
        ]),
    )
    .await;
    assert!(
        !String::from_utf8_lossy(&answer.body).contains("sesame"),
        "the password is not shown"
    );
    for password in [
        "x".repeat(73),
        "é".repeat(37),
        "1234567\0".to_owned(),
        "1234567".to_owned(),
    ] {
        let body = json!({"email": "ann@example.org", "name": "Ann", "password": password});
        let answer = nobody.post("/users/register", body).await.expect(422);
        assert!(answer.json()["detail"][0].get("input").is_none());
    }
    for email in [
        json!(null),
        json!(5),
        json!(""),
        json!("a b@example.org"),
        json!("ann@localhost"),
        json!({"$gt": ""}),
    ] {
        let body = json!({"email": email, "name": "Ann", "password": PASSWORD});
        nobody.post("/users/register", body).await.expect(422);
    }
    let at_the_limits =
        json!({"email": "ann@example.org", "name": "🚲".repeat(200), "password": "é".repeat(36)});
    nobody.post("/users/register", at_the_limits).await.expect(201);
}

/// Someone who wants an account, with an invitation or without.
fn registration(email: &str, invite: &Value) -> Value {
    let mut registration = json!({"email": email, "name": "Ann", "password": PASSWORD});
    if !invite.is_null() {
        registration["invite"] = invite.clone();
    }
    registration
}

#[tokio::test]
async fn nobody_registers_where_registration_is_closed() {
    let app = App::start_with(|settings| settings.registration = RegistrationPolicy::Closed).await;
    let nobody = app.anonymous();
    for invite in [json!(null), json!("x")] {
        nobody
            .post("/users/register", registration("ann@example.org", &invite))
            .await
            .refuses_as(403, "registration_closed", "Registration is closed");
    }
    nobody.post("/users/register", json!({})).await.expect(422);
}

#[tokio::test]
async fn an_invitation_is_good_for_one_registration() {
    let app = App::start_with(|settings| settings.registration = RegistrationPolicy::ByInvitation).await;
    let nobody = app.anonymous();
    let by_invitation = "Registration is by invitation";
    let in_an_hour = app.clock.now() + TimeDelta::hours(1);
    for invite in ["first", "late"] {
        let hash = TokenHash::of(invite);
        app.store.add_invitation(hash, in_an_hour).await.unwrap();
    }
    for invite in [json!(null), json!(""), json!("other")] {
        nobody
            .post("/users/register", registration("ann@example.org", &invite))
            .await
            .refuses_as(403, "registration_by_invitation", by_invitation);
    }
    let answer = nobody
        .post("/users/register", registration("ann@example.org", &json!(5)))
        .await;
    let answer = answer.faults(&["string_type at body.invite"]);
    assert!(answer.json()["detail"][0].get("input").is_none());

    // Of many at once, one gets it.
    let first = json!("first");
    let emails: Vec<_> = (0..8).map(|n| format!("ann{n}@example.org")).collect();
    let attempts = emails
        .iter()
        .map(|email| nobody.post("/users/register", registration(email, &first)));
    let mut registered = 0;
    for answer in join_all(attempts).await {
        if answer.status == 201 {
            registered += 1;
        } else {
            answer.refuses_as(403, "registration_by_invitation", by_invitation);
        }
    }
    assert_eq!(registered, 1);
    app.wait(TimeDelta::hours(1));
    nobody
        .post("/users/register", registration("bob@example.org", &json!("late")))
        .await
        .refuses_as(403, "registration_by_invitation", by_invitation);
}

#[tokio::test]
async fn where_registration_is_open_an_invitation_is_ignored() {
    let app = App::start().await;
    for (email, invite) in [("ann@example.org", "x"), ("bob@example.org", "")] {
        app.anonymous()
            .post("/users/register", registration(email, &json!(invite)))
            .await
            .expect(201);
    }
}
