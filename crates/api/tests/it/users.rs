//! Accounts: registering, verifying, passwords, profiles, deleting.

use chrono::TimeDelta;
use kairos_domain::mail::{MailKind, MessageContent};
use serde_json::json;

use crate::support::{App, PASSWORD};

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

#[tokio::test]
async fn a_verification_link_is_good_for_fifteen_minutes() {
    let app = App::start().await;
    let ann = app.unverified_rider("ann").await;
    let token = app.mailed_token(ann.email(), MailKind::VerifyEmail).await;
    app.wait(TimeDelta::minutes(15));
    let answer = app
        .anonymous()
        .get(&format!("/users/verify-email?token={token}"))
        .await;
    answer.refuses(400, "Invalid or expired token");
    app.anonymous()
        .get("/users/verify-email")
        .await
        .faults(&["missing at query.token"]);
    app.anonymous()
        .get("/users/verify-email?token=x")
        .await
        .refuses(400, "Invalid or expired token");
}

#[tokio::test]
async fn a_mailed_link_of_a_deleted_account_finds_nobody() {
    let app = App::start().await;
    let ann = app.unverified_rider("ann").await;
    let verify = app.mailed_token(ann.email(), MailKind::VerifyEmail).await;
    app.anonymous()
        .post("/users/reset-password", json!({"email": ann.email()}))
        .await
        .expect(202);
    let reset = app.mailed_token(ann.email(), MailKind::ResetPassword).await;
    ann.delete(&format!("/users/{}", ann.id())).await.expect(200);
    app.anonymous()
        .get(&format!("/users/verify-email?token={verify}"))
        .await
        .refuses(404, "User not found");
    let body = json!({"token": reset, "new_password": "another password"});
    app.anonymous()
        .post("/users/update-password", body)
        .await
        .refuses(404, "User not found");
}

#[tokio::test]
async fn asking_for_mail_gets_one_answer_for_every_address() {
    let app = App::start().await;
    let ann = app.unverified_rider("ann").await;
    for path in ["/users/resend-verification", "/users/reset-password"] {
        for email in [ann.email(), "nobody@example.org"] {
            let by_query = app
                .anonymous()
                .post_empty(&format!("{path}?email={email}"))
                .await
                .expect(202);
            let by_body = app
                .anonymous()
                .post(path, json!({"email": email}))
                .await
                .expect(202);
            assert_eq!((by_query.json(), by_body.json()), (json!(null), json!(null)));
        }
        app.anonymous()
            .post_empty(path)
            .await
            .faults(&["missing at query.email"]);
        app.anonymous()
            .post(path, json!({"email": "ann"}))
            .await
            .faults(&["value_error at body.email"]);
        app.anonymous()
            .post_form(path, &[("email", ann.email())])
            .await
            .expect(415);
    }
    app.mailed_token(ann.email(), MailKind::ResetPassword).await;
    assert!(app.mailbox.to("nobody@example.org").is_empty());
}

#[tokio::test]
async fn a_reset_link_works_only_once_and_ends_everything_from_before() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let nobody = app.anonymous();
    nobody
        .post("/users/reset-password", json!({"email": ann.email()}))
        .await
        .expect(202);
    let link = app.mailed_token(ann.email(), MailKind::ResetPassword).await;
    let reset = json!({"token": link, "new_password": "another password"});
    let answer = nobody
        .post("/users/update-password", reset.clone())
        .await
        .expect(200);
    assert_eq!(
        answer.json(),
        json!({"message": "Password updated successfully."})
    );

    nobody
        .post("/users/update-password", reset)
        .await
        .refuses(400, "Invalid or expired token");
    ann.get("/users/me")
        .await
        .refuses(401, "Access token has been revoked");
    let refresh = json!({"refresh_token": ann.refresh_token()});
    nobody
        .post("/auth/refresh", refresh)
        .await
        .refuses(403, "Invalid refresh token");
    let old = [("username", ann.email()), ("password", PASSWORD)];
    nobody
        .post_form("/auth/token", &old)
        .await
        .refuses(400, "Incorrect username or password");
    let new = [("username", ann.email()), ("password", "another password")];
    nobody.post_form("/auth/token", &new).await.expect(200);
}

#[tokio::test]
async fn a_new_password_is_taken_from_query_json_and_form() {
    let app = App::start().await;
    for (name, way) in [("ann", 0), ("bob", 1), ("cleo", 2)] {
        let rider = app.rider(name).await;
        let nobody = app.anonymous();
        nobody
            .post("/users/reset-password", json!({"email": rider.email()}))
            .await
            .expect(202);
        let token = app.mailed_token(rider.email(), MailKind::ResetPassword).await;
        let path = "/users/update-password";
        let answer = match way {
            0 => {
                nobody
                    .post_empty(&format!("{path}?token={token}&new_password=another+password"))
                    .await
            }
            1 => {
                nobody
                    .post(path, json!({"token": token, "new_password": "another password"}))
                    .await
            }
            _ => {
                nobody
                    .post_form(path, &[("token", &token), ("new_password", "another password")])
                    .await
            }
        };
        answer.expect(200);
    }
    let short = json!({"new_password": "short"});
    let answer = app.anonymous().post("/users/update-password", short).await;
    answer.faults(&["missing at body.token", "string_too_short at body.new_password"]);
}

#[tokio::test]
async fn changing_ones_password_begins_a_new_session_and_ends_all_others() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let wrong = json!({"current_password": "wrong", "new_password": "another password"});
    ann.post("/users/me/password", wrong)
        .await
        .refuses(400, "Incorrect password");
    let change = json!({"current_password": PASSWORD, "new_password": "another password"});
    let tokens = ann.post("/users/me/password", change).await.expect(200).json();
    ann.get("/users/me")
        .await
        .refuses(401, "Access token has been revoked");
    let refresh = json!({"refresh_token": ann.refresh_token()});
    app.anonymous()
        .post("/auth/refresh", refresh)
        .await
        .refuses(403, "Invalid refresh token");
    app.anonymous()
        .post("/auth/refresh", json!({"refresh_token": tokens["refresh_token"]}))
        .await
        .expect(200);
    let now = crate::support::Actor::with_token(&app, tokens["access_token"].as_str().unwrap());
    now.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn others_see_the_public_side_and_contacts_only_when_they_are_verified() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let profile = json!({"name": "Ann", "phonenumber": "+43 1", "instagram": "@ann", "country": "AT"});
    ann.put(&format!("/users/{}", ann.id()), profile)
        .await
        .expect(200);
    let (bob, eve) = (app.rider("bob").await, app.unverified_rider("eve").await);
    let path = format!("/users/{}", ann.id());
    let mut expected = json!({
        "_id": ann.id(), "name": "Ann", "country": "AT", "is_verified": true, "phonenumber": "+43 1", "instagram": "@ann",
    });
    assert_eq!(bob.get(&path).await.expect(200).json(), expected);
    expected["phonenumber"] = json!(null);
    expected["instagram"] = json!(null);
    assert_eq!(eve.get(&path).await.expect(200).json(), expected);
    assert_eq!(
        ann.get(&path.to_uppercase().replace("/USERS", "/users"))
            .await
            .json()["email"],
        ann.email()
    );
}

#[tokio::test]
async fn a_profile_is_written_whole_and_by_its_rider_only() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let path = format!("/users/{}", ann.id());
    let whole = json!({"name": "Ann", "phonenumber": "1", "instagram": "2", "country": "3"});
    ann.put(&path, whole.clone()).await.expect(200);
    let bare = json!({
        "name": "Ann II", "is_verified": false, "_id": UNKNOWN, "email": ann.email(), "password": null,
    });
    let answer = ann.put(&path, bare).await.expect(200).json();
    let expected = json!({
        "_id": ann.id(), "email": ann.email(), "name": "Ann II", "phonenumber": null, "instagram": null, "country": null,
        "is_verified": true,
    });
    assert_eq!(answer, expected);
    bob.put(&path, whole.clone())
        .await
        .refuses(403, "Not your account");
    bob.put(&format!("/users/{UNKNOWN}"), whole.clone())
        .await
        .refuses(404, "User not found");
    bob.put("/users/nonsense", whole)
        .await
        .refuses(400, "Invalid user ID format");
    bob.put(&path, json!({"name": ""}))
        .await
        .faults(&["string_too_short at body.name"]);
}

#[tokio::test]
async fn a_password_cannot_be_changed_with_the_profile() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    for password in [json!("another password"), json!(""), json!(5), json!(["x"])] {
        let body = json!({"name": "Ann", "password": password});
        let answer = ann.put(&format!("/users/{}", ann.id()), body).await;
        answer.refuses(400, "Password cannot be changed here.");
    }
    assert_eq!(ann.get("/users/me").await.json()["name"], "ann");
}

#[tokio::test]
async fn a_new_address_has_to_be_verified_and_the_old_one_is_told() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let path = format!("/users/{}", ann.id());
    let taken = json!({"name": "Ann", "email": "BOB@example.org"});
    ann.put(&path, taken)
        .await
        .refuses(400, "Email already registered");
    let before = app.mailed_token(ann.email(), MailKind::VerifyEmail).await;

    let answer = ann
        .put(&path, json!({"name": "Ann", "email": "new@example.org"}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&answer["email"], &answer["is_verified"]),
        (&json!("new@example.org"), &json!(false))
    );
    app.anonymous()
        .get(&format!("/users/verify-email?token={before}"))
        .await
        .expect(400);
    let token = app.mailed_token("new@example.org", MailKind::VerifyEmail).await;
    app.anonymous()
        .get(&format!("/users/verify-email?token={token}"))
        .await
        .expect(200);
    for _ in 0..500 {
        let old = app.mailbox.to(ann.email());
        if old
            .iter()
            .any(|mail| matches!(mail.content, MessageContent::AddressChanged))
        {
            drop(bob);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the old address was not told");
}

#[tokio::test]
async fn another_spelling_of_ones_address_is_only_kept() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let body = json!({"name": "Ann", "email": "Ann@Example.org"});
    let answer = ann
        .put(&format!("/users/{}", ann.id()), body)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&answer["email"], &answer["is_verified"]),
        (&json!("Ann@Example.org"), &json!(true))
    );
    assert!(app.mailbox.to("Ann@Example.org").is_empty());
}

#[tokio::test]
async fn an_account_is_deleted_with_everything_and_by_its_rider_only() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("Danube").await;
    let marker = ann.marker(&journey, "past", [16.4, 48.2], "2026-05-01").await;
    bob.delete(&format!("/users/{}", ann.id()))
        .await
        .refuses(403, "Not your account");
    bob.delete(&format!("/users/{UNKNOWN}"))
        .await
        .refuses(404, "User not found");
    bob.delete("/users/x")
        .await
        .refuses(400, "Invalid user ID format");
    let answer = ann.delete(&format!("/users/{}", ann.id())).await.expect(200);
    assert_eq!(answer.json(), json!({"message": "User deleted successfully."}));
    bob.get(&format!("/users/{}", ann.id()))
        .await
        .refuses(404, "User not found");
    bob.get(&format!("/users/{}/journeys", ann.id()))
        .await
        .refuses(404, "User not found");
    bob.get(&format!("/journeys/{journey}"))
        .await
        .refuses(404, "Journey not found");
    bob.get(&format!("/journeys/{journey}/markers/{marker}"))
        .await
        .refuses(404, "Journey not found");
    let near = bob
        .get("/journeys/nearby?longitude=16.4&latitude=48.2")
        .await
        .expect(200);
    assert_eq!(near.json(), json!([]));
    let again = json!({"email": ann.email(), "name": "Ann", "password": PASSWORD});
    app.anonymous().post("/users/register", again).await.expect(201);
}

#[tokio::test]
async fn a_riders_journeys_come_oldest_first_and_without_the_private_ones_of_others() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let mut ids = Vec::new();
    for name in ["first", "second", "third"] {
        app.wait(TimeDelta::seconds(1));
        ids.push(ann.journey(name).await);
    }
    let private = json!({"name": "second", "visibility": "private"});
    ann.put(&format!("/journeys/{}", ids[1]), private)
        .await
        .expect(200);
    let path = format!("/users/{}/journeys", ann.id());
    let list = |answer: crate::support::Answer| -> Vec<String> {
        let json = answer.expect(200).json();
        json.as_array()
            .unwrap()
            .iter()
            .map(|journey| journey["_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(list(ann.get(&path).await), ids);
    assert_eq!(list(bob.get(&path).await), [ids[0].clone(), ids[2].clone()]);

    let page = bob.get(&format!("{path}?limit=1")).await;
    let link = format!("</api/v1{path}?limit=1&after={}>; rel=\"next\"", ids[0]);
    assert_eq!(page.header("link"), link);
    let rest = bob.get(&format!("{path}?limit=1&after={}", ids[0])).await;
    assert_eq!(
        (rest.header("link"), list(rest.clone())),
        ("", vec![ids[2].clone()])
    );
    for after in [ids[1].as_str(), UNKNOWN] {
        bob.get(&format!("{path}?after={after}"))
            .await
            .faults(&["value_error at query.after"]);
    }
    bob.get(&format!("{path}?limit=0&after=x"))
        .await
        .faults(&["greater_than_equal at query.limit", "value_error at query.after"]);
    bob.get(&format!("{path}?limit=1001"))
        .await
        .faults(&["less_than_equal at query.limit"]);
    bob.get(&format!("/users/{UNKNOWN}/journeys"))
        .await
        .refuses(404, "User not found");
}

#[tokio::test]
async fn the_active_journey_is_found_unless_it_is_private_for_others() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let path = format!("/users/{}/journeys/active", ann.id());
    bob.get(&path).await.refuses(404, "No active journey found");
    let body = json!({"name": "Danube", "active": true});
    let journey = ann.post("/journeys/", body).await.expect(201).id();
    assert_eq!(bob.get(&path).await.expect(200).id(), journey);
    let private = json!({"name": "Danube", "visibility": "private"});
    ann.put(&format!("/journeys/{journey}"), private)
        .await
        .expect(200);
    bob.get(&path).await.refuses(404, "No active journey found");
    assert_eq!(ann.get(&path).await.expect(200).id(), journey);
    bob.get(&format!("/users/{UNKNOWN}/journeys/active"))
        .await
        .refuses(404, "User not found");
}
