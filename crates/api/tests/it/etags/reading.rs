use axum::http::Method;
use serde_json::json;

use super::UNKNOWN;
use crate::it::support::{Actor, Answer, App};

async fn get_unless(rider: &Actor<'_>, path: &str, tags: &str) -> Answer {
    rider
        .send(Method::GET, path, &[("if-none-match", tags)], None)
        .await
}

#[tokio::test]
async fn each_single_resource_has_a_tag_that_changes_with_it_and_lists_have_none() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let made = ann
        .post("/journeys/", json!({"name": "Danube", "active": true}))
        .await
        .expect(201);
    let journey = format!("/journeys/{}", made.id());
    for path in [
        journey.clone(),
        "/users/me/journeys/active".to_owned(),
        format!("/users/{}/journeys/active", ann.id()),
    ] {
        assert_eq!(ann.get(&path).await.expect(200).tag(), made.tag(), "{path}");
    }
    let changed = ann.put(&journey, json!({"name": "Donau"})).await.expect(200);
    assert_ne!(changed.tag(), made.tag());
    assert_eq!(bob.get(&journey).await.tag(), changed.tag());
    let patched = ann
        .patch_json(&journey, json!({"name": "Danube"}))
        .await
        .expect(200);
    assert_eq!(patched.tag(), made.tag());

    let body = json!({"name": "m", "marker_type": "past", "coordinates": {"coordinates": [0, 0]}});
    let marker = ann
        .post(&format!("{journey}/markers"), body.clone())
        .await
        .expect(201);
    let path = format!("{journey}/markers/{}", marker.id());
    assert_eq!(ann.get(&path).await.tag(), marker.tag());
    let patched = ann.patch_json(&path, json!({"notes": "windy"})).await.expect(200);
    assert_ne!(patched.tag(), marker.tag());
    assert_eq!(ann.put(&path, body).await.expect(200).tag(), marker.tag());
    // A marker is not part of its journey.
    assert_eq!(ann.get(&journey).await.tag(), made.tag());

    let me = ann.get("/users/me").await.expect(200);
    let own = format!("/users/{}", ann.id());
    assert_eq!(ann.get(&own).await.expect(200).tag(), me.tag());
    // Another rider sees another thing.
    assert_ne!(bob.get(&own).await.expect(200).tag(), me.tag());
    let changed = ann
        .put(&own, json!({"name": "Ann", "instagram": "ann"}))
        .await
        .expect(200);
    assert_eq!(ann.get("/users/me").await.tag(), changed.tag());

    for list in [
        "/users/me/journeys".to_owned(),
        format!("{own}/journeys"),
        format!("{journey}/markers"),
        format!("{journey}/stats"),
        format!("{journey}/nearby"),
        format!("{journey}/encounters"),
    ] {
        assert_eq!(ann.get(&list).await.expect(200).header("etag"), "", "{list}");
    }
}

#[tokio::test]
async fn a_tag_is_of_what_this_reader_sees() {
    let app = App::start().await;
    let (ann, eve) = (app.rider("ann").await, app.unverified_rider("eve").await);
    let path = format!("/users/{}", ann.id());
    let before = eve.get(&path).await.expect(200).tag();
    // Contacts are hidden from riders who are not verified, so nothing has changed for this one.
    ann.put(&path, json!({"name": "ann", "instagram": "ann"}))
        .await
        .expect(200);
    assert_eq!(eve.get(&path).await.tag(), before);
    ann.put(&path, json!({"name": "ann", "country": "AT"}))
        .await
        .expect(200);
    assert_ne!(eve.get(&path).await.tag(), before);
}

#[tokio::test]
async fn what_the_reader_has_seen_is_not_sent_again() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let made = ann
        .post("/journeys/", json!({"name": "Danube", "active": true}))
        .await
        .expect(201);
    let journey = format!("/journeys/{}", made.id());
    let marker = ann.marker(&made.id(), "past", [0.0, 0.0], "2026-05-01").await;
    for path in [
        journey.clone(),
        format!("{journey}/markers/{marker}"),
        "/users/me".to_owned(),
        format!("/users/{}", ann.id()),
        "/users/me/journeys/active".to_owned(),
        format!("/users/{}/journeys/active", ann.id()),
    ] {
        let tag = ann.get(&path).await.expect(200).tag();
        for seen in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            "*".to_owned(),
        ] {
            let answer = get_unless(&ann, &path, &seen).await.expect(304);
            assert!(answer.body.is_empty());
            assert_eq!(answer.tag(), tag);
            assert_eq!(answer.header("content-type"), "");
        }
        for other in ["\"x\"", "", "x", "W/"] {
            get_unless(&ann, &path, other).await.expect(200);
        }
        let head = ann
            .send(Method::HEAD, &path, &[("if-none-match", &tag)], None)
            .await;
        assert_eq!(head.expect(304).tag(), tag);
    }
    let tag = ann.get(&journey).await.tag();
    ann.put(&journey, json!({"name": "Donau"})).await.expect(200);
    get_unless(&ann, &journey, &tag).await.expect(200);
    // Whether there is anything to see comes first.
    get_unless(&ann, &format!("/journeys/{UNKNOWN}"), "*")
        .await
        .refuses(404, "Journey not found");
    get_unless(&ann, "/journeys/x", "*")
        .await
        .refuses(400, "Invalid journey ID format");
    get_unless(&app.anonymous(), &journey, "*")
        .await
        .refuses(401, "Not authenticated");
}

#[tokio::test]
async fn a_compressed_answer_has_the_same_tag() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let path = format!("/journeys/{}", ann.journey("Danube").await);
    let plain = ann.get(&path).await.expect(200);
    let compressed = ann
        .send(Method::GET, &path, &[("accept-encoding", "gzip")], None)
        .await;
    assert_eq!(compressed.header("content-encoding"), "gzip");
    assert_eq!(compressed.tag(), plain.tag());
}
