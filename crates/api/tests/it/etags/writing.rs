use axum::http::Method;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::UNKNOWN;
use crate::it::support::{Actor, Answer, App, PASSWORD};

/// Checks that an answer says so.
trait Stale {
    fn expect_stale(self) -> Answer;
}

impl Stale for Answer {
    #[track_caller]
    fn expect_stale(self) -> Answer {
        self.refuses_as(412, "changed_meanwhile", "It was changed meanwhile")
    }
}

async fn send_if(rider: &Actor<'_>, method: Method, path: &str, tags: &str, json: Option<Value>) -> Answer {
    rider.send(method, path, &[("if-match", tags)], json).await
}

#[tokio::test]
async fn a_journey_is_changed_only_in_the_state_that_was_seen() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let path = format!("/journeys/{}", ann.journey("Danube").await);
    let active = format!("{path}/active");
    let stale = ann.get(&path).await.tag();
    let name = |name: &str| Some(json!({ "name": name }));
    let fresh = send_if(&ann, Method::PUT, &path, &stale, name("Donau"))
        .await
        .expect(200)
        .tag();
    for (method, path, body) in [
        (Method::PUT, &path, name("Rhine")),
        (Method::PATCH, &path, name("Rhine")),
        (Method::PATCH, &path, Some(json!({}))),
        (Method::PATCH, &path, None),
        (Method::PATCH, &active, None),
        (Method::PATCH, &active, Some(json!({"active": true}))),
        (Method::DELETE, &path, None),
    ] {
        send_if(&ann, method.clone(), path, &stale, body.clone())
            .await
            .expect_stale();
        for malformed in ["", "x", fresh.trim_matches('"'), "\"x"] {
            send_if(&ann, method.clone(), path, malformed, body.clone())
                .await
                .expect_stale();
        }
    }
    let now = ann.get(&path).await.expect(200);
    assert_eq!((now.tag(), &now.json()["name"]), (fresh.clone(), &json!("Donau")));

    // Ownership and the body are looked at first, the state afterwards.
    send_if(&bob, Method::PUT, &path, &stale, name("Mine"))
        .await
        .refuses(403, "Not your journey");
    send_if(&bob, Method::DELETE, &format!("/journeys/{UNKNOWN}"), "*", None)
        .await
        .refuses(404, "Journey not found");
    send_if(&ann, Method::PUT, &path, &stale, Some(json!({})))
        .await
        .faults(&["missing at body.name"]);
    let list = format!("\"x\", W/{fresh}");
    send_if(&ann, Method::PATCH, &path, &list, None).await.expect(204);
    send_if(&ann, Method::PATCH, &active, &fresh, None)
        .await
        .expect_stale();
    send_if(&ann, Method::PATCH, &active, "*", None)
        .await
        .refuses(409, "A completed journey cannot be active");
    send_if(&ann, Method::DELETE, &path, &fresh, None)
        .await
        .expect_stale();
    let tag = ann.get(&path).await.tag();
    send_if(&ann, Method::DELETE, &path, &tag, None).await.expect(204);
}

#[tokio::test]
async fn a_marker_is_changed_only_in_the_state_that_was_seen() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("Danube").await;
    let marker = ann.marker(&journey, "past", [0.0, 0.0], "2026-05-01").await;
    let path = format!("/journeys/{journey}/markers/{marker}");
    let stale = ann.get(&path).await.tag();
    let body = json!({"name": "m", "marker_type": "past", "coordinates": {"coordinates": [1, 1]}});
    let fresh = send_if(&ann, Method::PUT, &path, &stale, Some(body.clone()))
        .await
        .expect(200)
        .tag();
    for (method, body) in [
        (Method::PUT, Some(body.clone())),
        (Method::PATCH, Some(json!({"notes": "x"}))),
        (Method::DELETE, None),
    ] {
        send_if(&ann, method, &path, &stale, body).await.expect_stale();
    }
    send_if(&bob, Method::DELETE, &path, &stale, None)
        .await
        .refuses(403, "Not your journey");
    let unknown = format!("/journeys/{journey}/markers/{UNKNOWN}");
    send_if(&ann, Method::DELETE, &unknown, "*", None)
        .await
        .refuses(404, "Marker not found");
    let patched = send_if(&ann, Method::PATCH, &path, &fresh, Some(json!({"notes": "x"})))
        .await
        .expect(200)
        .tag();
    send_if(&ann, Method::DELETE, &path, &format!("W/{patched}"), None)
        .await
        .expect(204);
}

#[tokio::test]
async fn an_account_is_changed_only_in_the_state_that_was_seen() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let path = format!("/users/{}", ann.id());
    let stale = ann.get("/users/me").await.tag();
    let body = Some(json!({"name": "Ann"}));
    let fresh = send_if(&ann, Method::PUT, &path, &stale, body.clone())
        .await
        .expect(200)
        .tag();
    send_if(&ann, Method::PUT, &path, &stale, body.clone())
        .await
        .expect_stale();
    send_if(&ann, Method::DELETE, &path, &stale, None)
        .await
        .expect_stale();
    send_if(&bob, Method::PUT, &path, &stale, body)
        .await
        .refuses(403, "Not your account");
    send_if(&bob, Method::DELETE, &path, "*", None)
        .await
        .refuses(403, "Not your account");
    // The state comes last.
    let taken = Some(json!({"name": "Ann", "email": bob.email(), "current_password": PASSWORD}));
    send_if(&ann, Method::PUT, &path, &stale, taken.clone())
        .await
        .expect_stale();
    send_if(&ann, Method::PUT, &path, &fresh, taken)
        .await
        .refuses(400, "Email already registered");
    send_if(&ann, Method::DELETE, &path, &fresh, None)
        .await
        .expect(200);
}

#[tokio::test]
async fn of_sixteen_changes_of_one_seen_state_exactly_one_wins() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let marker = ann.marker(&journey, "past", [0.0, 0.0], "2026-05-01").await;
    for (path, method) in [
        (format!("/journeys/{journey}"), Method::PUT),
        (format!("/journeys/{journey}/markers/{marker}"), Method::PATCH),
        (format!("/users/{}", ann.id()), Method::PUT),
    ] {
        let tag = ann.get(&path).await.tag();
        let writers = (0..16).map(|n| {
            let body = Some(json!({"name": format!("writer {n}")}));
            send_if(&ann, method.clone(), &path, &tag, body)
        });
        let mut winners = Vec::new();
        for answer in join_all(writers).await {
            if answer.status == 200 {
                winners.push(answer.json());
            } else {
                answer.expect_stale();
            }
        }
        assert_eq!(winners, [ann.get(&path).await.json()]);
    }
}
