//! Links in mails to an address that the account no longer has.

use kairos_domain::mail::MailKind;
use serde_json::json;

use super::mailed_links::reset_link;
use crate::it::support::{Actor, App, PASSWORD};

#[tokio::test]
async fn links_that_went_to_an_address_are_dead_when_the_account_has_another() {
    let app = App::start().await;
    let ann = app.unverified_rider("ann").await;
    let verify = app.mailed_token(ann.email(), MailKind::VerifyEmail).await;
    let reset = reset_link(&app, &ann, 0).await;
    move_to(&ann, "new@example.org").await;
    // Somebody else has the old address by now.
    app.unverified_rider("ann").await;
    let nobody = app.anonymous();
    nobody
        .get(&format!("/users/verify-email?token={verify}"))
        .await
        .refuses(400, "Invalid or expired token");
    nobody
        .post(
            "/users/update-password",
            json!({"token": reset, "new_password": "another password"}),
        )
        .await
        .refuses(400, "Invalid or expired token");
    app.sign_in("new@example.org").await;
}

async fn move_to(rider: &Actor<'_>, email: &str) {
    let profile = json!({"name": "Ann", "email": email, "current_password": PASSWORD});
    rider
        .put(&format!("/users/{}", rider.id()), profile)
        .await
        .expect(200);
}

#[tokio::test]
async fn links_that_went_to_an_address_stay_dead_when_it_comes_back() {
    let app = App::start().await;
    let ann = app.unverified_rider("ann").await;
    let verify = app.mailed_token(ann.email(), MailKind::VerifyEmail).await;
    let reset = reset_link(&app, &ann, 0).await;
    move_to(&ann, "new@example.org").await;
    move_to(&ann, ann.email()).await;
    let nobody = app.anonymous();
    nobody
        .get(&format!("/users/verify-email?token={verify}"))
        .await
        .refuses(400, "Invalid or expired token");
    let with = |token: &str| json!({"token": token, "new_password": "another password"});
    nobody
        .post("/users/update-password", with(&reset))
        .await
        .refuses(400, "Invalid or expired token");
    // Another spelling is no other address.
    let reset = reset_link(&app, &ann, 1).await;
    move_to(&ann, "ANN@example.org").await;
    nobody
        .post("/users/update-password", with(&reset))
        .await
        .expect(200);
}
