//! Verifying an address and setting a forgotten password, by links in mails.

use chrono::TimeDelta;
use kairos_domain::mail::MailKind;
use serde_json::json;

use crate::it::support::{App, PASSWORD};

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
