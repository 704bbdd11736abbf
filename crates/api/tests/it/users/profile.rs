//! What riders see and write of themselves and of others.

use kairos_domain::mail::{MailKind, MessageContent};
use serde_json::json;

use crate::it::support::{App, PASSWORD};

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

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
    let now = crate::it::support::Actor::with_token(&app, tokens["access_token"].as_str().unwrap());
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
    let taken = json!({"name": "Ann", "email": "BOB@example.org", "current_password": PASSWORD});
    ann.put(&path, taken)
        .await
        .refuses(400, "Email already registered");
    let before = app.mailed_token(ann.email(), MailKind::VerifyEmail).await;

    let answer = ann
        .put(
            &path,
            json!({"name": "Ann", "email": "new@example.org", "current_password": PASSWORD}),
        )
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
            .any(|mail| matches!(mail.content, MessageContent::AddressChanged) && mail.rider_name.is_none())
        {
            drop(bob);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the old address was not told");
}

#[tokio::test]
async fn another_address_needs_the_present_password_before_anything_is_said_about_it() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let path = format!("/users/{}", ann.id());
    for email in ["new@example.org", bob.email()] {
        let profile = json!({"name": "Ann", "email": email});
        for password in [None, Some(json!(null)), Some(json!("")), Some(json!("wrong"))] {
            let mut profile = profile.clone();
            if let Some(password) = password {
                profile["current_password"] = password;
            }
            ann.put(&path, profile)
                .await
                .refuses_as(400, "incorrect_password", "Incorrect password");
        }
        let answer = ann
            .put(
                &path,
                json!({"name": "", "email": email, "current_password": 4711}),
            )
            .await;
        assert!(!String::from_utf8_lossy(&answer.body).contains("4711"));
        answer.faults(&[
            "string_too_short at body.name",
            "string_type at body.current_password",
        ]);
    }
    let unchanged = ann.get("/users/me").await.expect(200).json();
    assert_eq!(
        (&unchanged["name"], &unchanged["email"], &unchanged["is_verified"]),
        (&json!("ann"), &json!(ann.email()), &json!(true))
    );
    // A wrong one is a failed log-in: two of ten were made above, an absent one is none.
    let wrong = json!({"name": "Ann", "email": "new@example.org", "current_password": "wrong"});
    for _ in 0..8 {
        ann.put(&path, wrong.clone()).await.expect(400);
    }
    ann.put(&path, wrong).await.expect(429);
    let form = [("username", ann.email()), ("password", PASSWORD)];
    app.anonymous().post_form("/auth/token", &form).await.expect(429);
}

#[tokio::test]
async fn all_spellings_of_an_address_log_in_to_one_account() {
    let app = App::start().await;
    let password = "cafe\u{301} de nuit";
    let registration = json!({"email": " ann@m\u{fc}ller.example\n", "name": "Ann", "password": password});
    app.anonymous()
        .post("/users/register", registration.clone())
        .await
        .expect(201);
    for email in [
        "ann@xn--mller-kva.example",
        "\u{3000}ANN@MU\u{308}LLER\u{3002}example ",
    ] {
        let mut again = registration.clone();
        again["email"] = json!(email);
        app.anonymous()
            .post("/users/register", again)
            .await
            .refuses(400, "Email already registered");
        for password in [password, "caf\u{e9} de nuit"] {
            let form = [("username", email), ("password", password)];
            let tokens = app.anonymous().post_form("/auth/token", &form).await.expect(200);
            let ann =
                crate::it::support::Actor::with_token(&app, tokens.json()["access_token"].as_str().unwrap());
            // The address stays as its rider wrote it, without the white space.
            let me = ann.get("/users/me").await.expect(200).json();
            assert_eq!(me["email"], "ann@m\u{fc}ller.example");
        }
    }
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
