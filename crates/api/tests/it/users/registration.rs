//! Registering.

use kairos_domain::mail::MailKind;
use serde_json::json;

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
