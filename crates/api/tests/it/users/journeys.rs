//! A rider's journeys.

use chrono::TimeDelta;
use serde_json::json;

use crate::it::support::App;

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

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
    let list = |answer: crate::it::support::Answer| -> Vec<String> {
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
    let link = format!("<?limit=1&after={}>; rel=\"next\"", ids[0]);
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

#[tokio::test]
async fn a_rider_finds_their_own_journeys_without_an_id() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    bob.journey("Rhine").await;
    let active = "/users/me/journeys/active";
    ann.get(active).await.refuses(404, "No active journey found");
    let mut ids = Vec::new();
    for visibility in ["public", "private"] {
        app.wait(TimeDelta::seconds(1));
        let body = json!({"name": visibility, "visibility": visibility, "active": true});
        ids.push(ann.post("/journeys/", body).await.expect(201).id());
    }
    assert_eq!(ann.get(active).await.expect(200).id(), ids[1]);
    let path = "/users/me/journeys";
    let by_id = ann.get(&format!("/users/{}/journeys", ann.id())).await.json();
    assert_eq!(ann.get(path).await.expect(200).json(), by_id);
    assert_eq!(by_id.as_array().unwrap().len(), 2);
    let page = ann.get(&format!("{path}?limit=1")).await.expect(200);
    let link = format!("<?limit=1&after={}>; rel=\"next\"", ids[0]);
    assert_eq!(
        (page.header("link"), &page.json()[0]["_id"]),
        (&*link, &json!(ids[0]))
    );
    ann.get(&format!("{path}?limit=0&after=x"))
        .await
        .faults(&["greater_than_equal at query.limit", "value_error at query.after"]);
    ann.get(&format!("{path}?after={UNKNOWN}"))
        .await
        .faults(&["value_error at query.after"]);
    for path in [path, active] {
        app.anonymous().get(path).await.refuses(401, "Not authenticated");
    }
}
