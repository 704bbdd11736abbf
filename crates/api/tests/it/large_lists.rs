//! Lists that are sent while they are read.

use std::io::Read as _;

use axum::http::Method;
use chrono::TimeDelta;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::it::support::{Actor, App};

/// More than half of the text that is read at once.
fn long_text() -> String {
    "🚲".repeat(9_000)
}

/// Puts seven long markers on a new journey. Returns its id and theirs, in riding order.
async fn long_journey(rider: &Actor<'_>) -> (String, Vec<String>) {
    let journey = rider.journey("long").await;
    let path = format!("/journeys/{journey}/markers");
    let mut ids = Vec::new();
    for day in 1..=7 {
        let marker = json!({
            "name": "m", "marker_type": "plan", "coordinates": {"coordinates": [10, 0]}, "notes": long_text(),
            "estimated_time": format!("2026-06-0{day}"),
        });
        ids.push(rider.post(&path, marker).await.expect(201).id());
    }
    (journey, ids)
}

fn ids(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item["_id"].as_str().unwrap()).collect()
}

/// Reads a list whole, and in pages of each size that a page may have.
async fn is_listed(rider: &Actor<'_>, path: &str, expected: &[String]) {
    let whole = rider.get(path).await.expect(200);
    assert_eq!(ids(&whole.json()), expected);
    assert_eq!(whole.header("content-type"), "application/json");
    assert_eq!(whole.header("link"), "");
    for limit in 1..=expected.len() + 1 {
        let mut before = Vec::new();
        let mut next = Some(format!("?limit={limit}"));
        while let Some(query) = next {
            let page = rider.get(&format!("{path}{query}")).await.expect(200);
            let rest = &expected[before.len()..];
            assert_eq!(ids(&page.json()), rest[..limit.min(rest.len())]);
            before.extend(ids(&page.json()).into_iter().map(ToOwned::to_owned));
            let link = page.header("link").strip_suffix(">; rel=\"next\"");
            next = link.map(|link| link.trim_start_matches('<').to_owned());
        }
        assert_eq!(before, expected);
    }
}

#[tokio::test]
async fn a_list_of_markers_is_whole_whatever_its_length() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let (journey, expected) = long_journey(&ann).await;
    let path = format!("/journeys/{journey}/markers");
    is_listed(&bob, &path, &expected).await;
    let accept = [("accept-encoding", "gzip")];
    let packed = bob.send(Method::GET, &path, &accept, None).await;
    let mut unpacked = Vec::new();
    GzDecoder::new(&*packed.body).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, bob.get(&path).await.body);
    let stats = bob.get(&format!("/journeys/{journey}/stats")).await.expect(200);
    assert_eq!(stats.json()["plan_markers"], 7);
    ann.patch_json(&format!("/journeys/{journey}"), json!({"visibility": "private"}))
        .await
        .expect(200);
    for path in [path, format!("/journeys/{journey}/stats")] {
        bob.get(&path).await.refuses(404, "Journey not found");
        let after = format!("{path}?after={}", expected[0]);
        bob.get(&after).await.refuses(404, "Journey not found");
    }
}

#[tokio::test]
async fn a_list_of_journeys_is_whole_whatever_its_length() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let mut expected = Vec::new();
    for number in 0..8 {
        app.wait(TimeDelta::milliseconds(1));
        let visibility = if number == 3 { "private" } else { "public" };
        let journey = json!({"name": "long", "description": long_text(), "visibility": visibility});
        expected.push(ann.post("/journeys/", journey).await.expect(201).id());
    }
    is_listed(&ann, "/users/me/journeys", &expected).await;
    expected.remove(3);
    is_listed(&bob, &format!("/users/{}/journeys", ann.id()), &expected).await;
}

#[tokio::test]
async fn nearby_journeys_come_with_all_their_markers_whatever_their_length() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let mine = ann.journey("mine").await;
    ann.marker(&mine, "plan", [10.0, 0.0], "2026-06-01").await;
    let nearby = async || {
        let path = format!("/journeys/{mine}/nearby?include=rider,markers");
        ann.get(&path).await.expect(200).json()
    };
    assert_eq!(nearby().await, json!([]));
    let (first, _) = long_journey(&bob).await;
    let (second, _) = long_journey(&bob).await;
    let short = bob.journey("short").await;
    bob.marker(&short, "past", [10.0, 0.5], "2026-05-01").await;
    let found = nearby().await;
    let found = found.as_array().unwrap();
    let journeys: Vec<_> = found.iter().map(|found| &found["journey_id"]).collect();
    assert_eq!(journeys, [&first, &second, &short]);
    for found in found {
        let journey = found["journey_id"].as_str().unwrap();
        let markers = bob.get(&format!("/journeys/{journey}/markers")).await.json();
        assert_eq!(found["markers"], markers);
        assert_eq!(
            (&found["rider"]["name"], &found["lines"]),
            (&json!("bob"), &Value::Null)
        );
    }
}
