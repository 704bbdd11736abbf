//! Verifying an address and setting a forgotten password, by links in mails.

use chrono::TimeDelta;
use futures_util::future::join_all;
use kairos_domain::mail::MailKind;
use kairos_domain::text::Name;
use serde_json::json;

use crate::it::support::{Actor, App, PASSWORD};

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
        for email in [ann.email(), "nobody@example.org", "no-address"] {
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
        for (email, fault) in [
            (String::new(), "string_too_short at body.email"),
            ("x".repeat(321), "string_too_long at body.email"),
        ] {
            app.anonymous()
                .post(path, json!({"email": email}))
                .await
                .faults(&[fault]);
        }
        app.anonymous()
            .post_form(path, &[("email", ann.email())])
            .await
            .expect(415);
    }
    app.mailed_token(ann.email(), MailKind::ResetPassword).await;
    assert!(app.mailbox.to("nobody@example.org").is_empty());
}

#[tokio::test]
async fn a_mail_names_its_rider_only_where_the_address_is_verified() {
    let app = App::start().await;
    let (stranger, ann) = (app.unverified_rider("stranger").await, app.rider("ann").await);
    for (rider, name) in [(&stranger, None), (&ann, Some("ann"))] {
        app.anonymous()
            .post("/users/reset-password", json!({"email": rider.email()}))
            .await
            .expect(202);
        app.mailed_token(rider.email(), MailKind::ResetPassword).await;
        for mail in app.mailbox.to(rider.email()) {
            let named = mail.rider_name.as_ref().map(Name::as_str);
            let expected = name.filter(|_| mail.content.kind() == Some(MailKind::ResetPassword));
            assert_eq!(named, expected, "{mail:?}");
        }
    }
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

/// Asks for a reset link and gives its token; `before` is how many there were.
pub(super) async fn reset_link(app: &App, rider: &Actor<'_>, before: usize) -> String {
    app.anonymous()
        .post("/users/reset-password", json!({"email": rider.email()}))
        .await
        .expect(202);
    let links = || app.mailbox.of_kind(rider.email(), MailKind::ResetPassword).len();
    for _ in 0..500 {
        if links() > before {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    app.mailed_token(rider.email(), MailKind::ResetPassword).await
}

#[tokio::test]
async fn a_new_password_makes_every_other_reset_link_dead() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let links = [
        reset_link(&app, &ann, 0).await,
        reset_link(&app, &ann, 1).await,
        reset_link(&app, &ann, 2).await,
    ];
    let use_it = async |link: &str, password: &str| {
        let reset = json!({"token": link, "new_password": password});
        app.anonymous().post("/users/update-password", reset).await
    };
    use_it(&links[1], "another password").await.expect(200);
    for link in &links {
        use_it(link, "a third password")
            .await
            .refuses(400, "Invalid or expired token");
    }
    // So does one that its rider has set knowing the old one.
    let link = reset_link(&app, &ann, 3).await;
    let form = [("username", ann.email()), ("password", "another password")];
    let tokens = app
        .anonymous()
        .post_form("/auth/token", &form)
        .await
        .expect(200)
        .json();
    let ann = Actor::with_token(&app, tokens["access_token"].as_str().unwrap());
    let change = json!({"current_password": "another password", "new_password": "a fourth password"});
    ann.post("/users/me/password", change).await.expect(200);
    use_it(&link, "a fifth password")
        .await
        .refuses(400, "Invalid or expired token");
}

#[tokio::test]
async fn of_many_uses_of_one_reset_link_at_once_one_counts() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let link = reset_link(&app, &ann, 0).await;
    let uses = (0..20).map(async |number| {
        let reset = json!({"token": link, "new_password": format!("password {number}")});
        // One client may have sixteen passwords in the queue.
        let client = app.anonymous().at(&format!("198.51.100.{}", 1 + number % 2));
        client.post("/users/update-password", reset).await.status.as_u16()
    });
    let statuses = join_all(uses).await;
    let counted: Vec<_> = (0..20).filter(|number| statuses[*number] == 200).collect();
    assert_eq!(counted.len(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 400].contains(status)));
    let password = format!("password {}", counted[0]);
    let form = [("username", ann.email()), ("password", &*password)];
    app.anonymous().post_form("/auth/token", &form).await.expect(200);
}
