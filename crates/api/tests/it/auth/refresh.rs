//! Refreshing and logging out.

use axum::body::Body;
use axum::http::{Method, header};
use chrono::TimeDelta;
use futures_util::future::join_all;
use kairos_domain::token::Scope;
use serde_json::json;

use super::earlier_token;
use crate::it::support::App;

#[tokio::test]
async fn a_refresh_token_is_taken_from_the_query_and_from_every_kind_of_body() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let nobody = app.anonymous();
    let next = |answer: crate::it::support::Answer| {
        answer.expect(200).json()["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let second = next(
        nobody
            .post_empty(&format!("/auth/refresh?refresh_token={}", ann.refresh_token()))
            .await,
    );
    let third = next(
        nobody
            .post("/auth/refresh", json!({"refresh_token": second}))
            .await,
    );
    let fourth = next(
        nobody
            .post_form("/auth/refresh/", &[("refresh_token", &third)])
            .await,
    );
    let body =
        format!("--b\r\nContent-Disposition: form-data; name=\"refresh_token\"\r\n\r\n{fourth}\r\n--b--\r\n");
    let request = nobody.request(Method::POST, "/auth/refresh?refresh_token=the-body-wins");
    let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    next(app.send(request.body(Body::from(body)).unwrap()).await);
    nobody
        .post_empty("/auth/refresh")
        .await
        .faults(&["missing at query.refresh_token"]);
}

#[tokio::test]
async fn a_used_refresh_token_is_good_for_ten_seconds_and_ends_the_session_once_a_successor_was_used() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let nobody = app.anonymous();
    let use_it = async |token: &str| {
        nobody
            .post("/auth/refresh", json!({"refresh_token": token}))
            .await
    };
    use_it(ann.refresh_token()).await.expect(200);
    app.wait(TimeDelta::seconds(9));
    let sibling = use_it(ann.refresh_token()).await.expect(200).json();
    let sibling = sibling["refresh_token"].as_str().unwrap();
    app.wait(TimeDelta::seconds(2));
    let next = use_it(sibling).await.expect(200).json();
    use_it(ann.refresh_token())
        .await
        .refuses(403, "Invalid refresh token");
    use_it(next["refresh_token"].as_str().unwrap())
        .await
        .refuses(403, "Invalid refresh token");
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_can_be_repeated_for_hours() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let use_it = async |token: &str| {
        app.anonymous()
            .post("/auth/refresh", json!({"refresh_token": token}))
            .await
    };
    let token_of = |answer: crate::it::support::Answer| {
        answer.expect(200).json()["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    use_it(ann.refresh_token()).await.expect(200);
    app.wait(TimeDelta::hours(1));
    let lost = token_of(use_it(ann.refresh_token()).await);
    app.wait(TimeDelta::days(3));
    let received = token_of(use_it(ann.refresh_token()).await);
    let next = token_of(use_it(&received).await);
    // A late use has made the successor before it void: whoever has it is another client.
    use_it(&lost).await.refuses(403, "Invalid refresh token");
    use_it(&next).await.refuses(403, "Invalid refresh token");
}

#[tokio::test]
async fn a_refresh_token_expires_after_eight_days() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    app.wait(TimeDelta::days(8));
    let answer = app
        .anonymous()
        .post("/auth/refresh", json!({"refresh_token": ann.refresh_token()}))
        .await;
    answer.refuses(401, "Refresh token has expired");
}

#[tokio::test]
async fn logging_out_ends_the_session_and_answers_the_same_for_anything() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let nobody = app.anonymous();
    for token in [
        ann.refresh_token(),
        ann.refresh_token(),
        ann.access_token(),
        "garbage",
    ] {
        nobody
            .post("/auth/logout", json!({"refresh_token": token}))
            .await
            .expect(204);
    }
    let answer = nobody
        .post("/auth/refresh", json!({"refresh_token": ann.refresh_token()}))
        .await;
    answer.refuses(403, "Invalid refresh token");
    ann.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn thirty_uses_of_one_token_at_once_each_yield_a_successor_that_is_good() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let nobody = app.anonymous();
    let use_it = async |token: String| {
        let answer = nobody
            .post_form("/auth/refresh", &[("refresh_token", &token)])
            .await;
        let tokens = answer.expect(200).json();
        tokens["refresh_token"].as_str().unwrap().to_owned()
    };
    let uses = (0..30).map(|_| use_it(ann.refresh_token().to_owned()));
    let successors = join_all(uses).await;
    app.wait(TimeDelta::days(1));
    join_all(successors.into_iter().map(use_it)).await;
}

#[tokio::test]
async fn a_refresh_token_of_the_earlier_service_starts_a_session_and_is_a_used_one_then() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let nobody = app.anonymous();
    let refresh = async |token: &str| {
        nobody
            .post("/auth/refresh", json!({"refresh_token": token}))
            .await
    };
    let earlier = earlier_token(&app, Scope::Refresh, ann.id(), TimeDelta::days(3));
    let first = refresh(&earlier).await.expect(200).json();
    app.wait(TimeDelta::seconds(10));
    let sibling = refresh(&earlier).await.expect(200).json();
    app.wait(TimeDelta::milliseconds(1));
    // The answers may have been lost, so it is good still; what it gave before is void.
    let late = refresh(&earlier).await.expect(200).json();
    refresh(late["refresh_token"].as_str().unwrap()).await.expect(200);
    refresh(&earlier).await.refuses(403, "Invalid refresh token");
    for tokens in [first, sibling] {
        let token = tokens["refresh_token"].as_str().unwrap();
        refresh(token).await.refuses(403, "Invalid refresh token");
    }

    let earlier = earlier_token(&app, Scope::Refresh, ann.id(), TimeDelta::days(2));
    let first = refresh(&earlier).await.expect(200).json();
    nobody
        .post("/auth/logout", json!({"refresh_token": earlier}))
        .await
        .expect(204);
    refresh(first["refresh_token"].as_str().unwrap())
        .await
        .refuses(403, "Invalid refresh token");
    refresh(&earlier).await.refuses(403, "Invalid refresh token");
    // The session of another log-in goes on.
    refresh(ann.refresh_token()).await.expect(200);
}
