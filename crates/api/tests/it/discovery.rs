//! Who comes near, and who will be there on the same days.

use serde_json::{Value, json};

use crate::it::support::{Actor, App};

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

/// A journey with markers on one day each.
async fn journey_with(rider: &Actor<'_>, name: &str, kind: &str, markers: &[([f64; 2], &str)]) -> String {
    let journey = rider.journey(name).await;
    for (lon_lat, day) in markers {
        rider.marker(&journey, kind, *lon_lat, day).await;
    }
    journey
}

#[tokio::test]
async fn journeys_near_a_journey_come_nearest_first() {
    let app = App::start().await;
    let (ann, bob, cleo) = (
        app.rider("ann").await,
        app.rider("bob").await,
        app.rider("cleo").await,
    );
    let mine = journey_with(
        &ann,
        "mine",
        "plan",
        &[([179.9, 0.0], "2026-06-01"), ([170.0, 0.0], "2026-06-05")],
    )
    .await;
    journey_with(&ann, "mine, too", "plan", &[([179.9, 0.0], "2026-06-01")]).await;
    let far = journey_with(
        &bob,
        "far",
        "plan",
        &[([-179.5, 0.0], "2026-08-01"), ([10.0, 0.0], "2026-09-01")],
    )
    .await;
    let near = journey_with(&cleo, "near", "past", &[([-179.9, 0.0], "2026-01-01")]).await;
    journey_with(&cleo, "too far", "past", &[([-178.9, 0.0], "2026-01-01")]).await;
    let done = journey_with(&bob, "done", "past", &[([170.0, 0.5], "2026-01-01")]).await;
    bob.patch(&format!("/journeys/{done}")).await.expect(204);
    let path = format!("/journeys/{mine}/journeys/nearby");
    assert_eq!(ann.get(&path).await.expect(200).json(), json!([near, done, far]));
    // For another reader, too, the owner's journeys are what is left out.
    assert_eq!(bob.get(&path).await.expect(200).json(), json!([near, done, far]));
    assert_eq!(ann.get(&format!("{path}?limit=1")).await.json(), json!([near]));
    assert_eq!(
        ann.get(&format!("{path}?include_completed=false")).await.json(),
        json!([near, far])
    );
    // A fifth of a degree of the equator, the rim included.
    assert_eq!(
        ann.get(&format!("{path}?max_distance_meters=22263.769"))
            .await
            .json(),
        json!([near])
    );
    assert_eq!(
        ann.get(&format!("{path}?max_distance_meters=22263.768"))
            .await
            .json(),
        json!([])
    );
    let empty = ann.journey("empty").await;
    assert_eq!(
        ann.get(&format!("/journeys/{empty}/journeys/nearby"))
            .await
            .expect(200)
            .json(),
        json!([])
    );
}

#[tokio::test]
async fn journeys_near_a_point_tell_how_far_and_by_which_marker() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    journey_with(&ann, "mine", "plan", &[([0.0, 90.0], "2026-06-01")]).await;
    let theirs = bob.journey("pole").await;
    bob.marker(&theirs, "plan", [100.0, 89.0], "2026-06-01").await;
    let nearest = bob.marker(&theirs, "plan", [-75.0, 89.5], "2026-06-02").await;
    let answer = ann
        .get("/journeys/nearby?longitude=42&latitude=90")
        .await
        .expect(200);
    let expected = json!([{
        "journey_id": theirs, "name": "pole", "user_id": bob.id(), "distance_meters": 55_659.423, "marker_id": nearest,
        "position": {"type": "Point", "coordinates": [-75.0, 89.5]}, "rider": null, "markers": null, "lines": null,
    }]);
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn a_nearby_query_is_checked() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    ann.get("/journeys/nearby")
        .await
        .faults(&["missing at query.longitude", "missing at query.latitude"]);
    let query = "longitude=181&latitude=nan&max_distance_meters=500001&limit=501&include_completed=maybe";
    ann.get(&format!("/journeys/nearby?{query}")).await.faults(&[
        "less_than_equal at query.longitude",
        "finite_number at query.latitude",
        "less_than_equal at query.max_distance_meters",
        "less_than_equal at query.limit",
        "bool_parsing at query.include_completed",
    ]);
    let journey = ann.journey("mine").await;
    let path = format!("/journeys/{journey}/journeys/nearby");
    ann.get(&format!("{path}?max_distance_meters=-1&limit=0"))
        .await
        .faults(&[
            "greater_than_equal at query.max_distance_meters",
            "greater_than_equal at query.limit",
        ]);
    ann.get(&format!("{path}?max_distance_meters=500000&limit=500"))
        .await
        .expect(200);
    ann.get("/journeys/x/journeys/nearby?limit=0")
        .await
        .refuses(400, "Invalid journey ID format");
    ann.get(&format!("/journeys/{UNKNOWN}/journeys/nearby"))
        .await
        .refuses(404, "Journey not found");
}

#[tokio::test]
async fn an_encounter_is_told_with_days_places_and_rider() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    // It is 15 May. Both ride the equator, head on: on 25 May both are at 10°.
    let mine = journey_with(
        &ann,
        "east",
        "plan",
        &[([5.0, 0.0], "2026-05-20"), ([15.0, 0.0], "2026-05-30")],
    )
    .await;
    let theirs = journey_with(
        &bob,
        "west",
        "plan",
        &[([15.0, 0.0], "2026-05-20"), ([5.0, 0.0], "2026-05-30")],
    )
    .await;
    let answer = ann.get(&format!("/journeys/{mine}/encounters")).await.expect(200);
    let here = json!({"type": "Point", "coordinates": [10.0, 0.0]});
    let mut found = answer.json();
    let encounter = &mut found[0];
    for position in ["position", "their_position"] {
        let longitude = encounter[position]["coordinates"][0].as_f64().unwrap();
        assert!((longitude - 10.0).abs() < 1e-9, "{longitude}");
        encounter[position] = here.clone();
    }
    let expected = json!([{
        "journey_id": theirs, "name": "west", "date": "2026-05-25", "their_date": "2026-05-25", "days_apart": 0,
        "distance_meters": 0.0, "position": here, "their_position": here,
        "rider": {
            "_id": bob.id(), "name": "bob", "country": null, "is_verified": true, "phonenumber": null, "instagram": null,
        },
    }]);
    assert_eq!(found, expected);
}

#[tokio::test]
async fn encounters_keep_to_the_days_and_distances_asked_for() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let mine = journey_with(&ann, "mine", "plan", &[([0.0, 0.0], "2026-05-20")]).await;
    journey_with(&bob, "three days later", "plan", &[([0.0, 0.1], "2026-05-23")]).await;
    let count = async |query: &str| {
        let answer = ann
            .get(&format!("/journeys/{mine}/encounters?{query}"))
            .await
            .expect(200);
        answer.json().as_array().map(Vec::len).unwrap()
    };
    assert_eq!(count("").await, 0);
    assert_eq!(count("within_days=3").await, 1);
    assert_eq!(count("within_days=2").await, 0);
    assert_eq!(count("within_days=3&max_distance_meters=11131.885").await, 1);
    assert_eq!(count("within_days=3&max_distance_meters=11131.884").await, 0);
    assert_eq!(count("within_days=14&from=2026-05-21").await, 0);
    assert_eq!(count("within_days=14&to=2026-05-19").await, 0);
    assert_eq!(count("within_days=14&from=2026-05-20&to=2026-05-20").await, 1);
    // By default what is over does not count.
    app.wait(chrono::TimeDelta::minutes(1));
    let past = journey_with(&ann, "past", "past", &[([0.0, 0.0], "2026-05-14")]).await;
    journey_with(&bob, "the day before", "past", &[([0.0, 0.0], "2026-05-13")]).await;
    let path = format!("/journeys/{past}/encounters");
    assert_eq!(ann.get(&path).await.expect(200).json(), json!([]));
    assert_eq!(
        ann.get(&format!("{path}?from=2026-05-01")).await.json()[0]["days_apart"],
        1
    );
}

#[tokio::test]
async fn one_sees_only_if_one_can_be_seen() {
    let app = App::start().await;
    let (ann, bob, eve) = (
        app.rider("ann").await,
        app.rider("bob").await,
        app.unverified_rider("eve").await,
    );
    let day = [([0.0, 0.0], "2026-05-20")];
    let mine = journey_with(&ann, "mine", "plan", &day).await;
    let hers = journey_with(&eve, "hers", "plan", &day).await;
    let path = format!("/journeys/{mine}/encounters");
    let names = |found: Value| -> Vec<String> {
        found
            .as_array()
            .unwrap()
            .iter()
            .map(|found| found["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(ann.get(&path).await.expect(200).json()), ["hers"]);
    bob.get(&path).await.refuses(403, "Not your journey");
    eve.get(&format!("/journeys/{hers}/encounters"))
        .await
        .refuses(403, "Verify your e-mail address first");
    let done = journey_with(&bob, "done", "plan", &day).await;
    bob.patch(&format!("/journeys/{done}")).await.expect(204);
    let secret = journey_with(&bob, "secret", "plan", &day).await;
    let private = json!({"name": "secret", "visibility": "private"});
    bob.put(&format!("/journeys/{secret}"), private.clone())
        .await
        .expect(200);
    assert_eq!(names(ann.get(&path).await.json()), ["hers"]);
    bob.get(&format!("/journeys/{secret}/encounters"))
        .await
        .refuses(409, "Encounters are for public journeys");
    ann.get(&format!("/journeys/{secret}/encounters"))
        .await
        .refuses(404, "Journey not found");
    ann.get("/journeys/x/encounters")
        .await
        .refuses(400, "Invalid journey ID format");
}

#[tokio::test]
async fn an_encounter_query_is_checked() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let mine = ann.journey("mine").await;
    let path = format!("/journeys/{mine}/encounters");
    let query = "from=2026-13-01&to=tomorrow&within_days=15&max_distance_meters=inf&limit=0";
    // The query is looked at before it matters whose journey it is.
    bob.get(&format!("{path}?{query}")).await.faults(&[
        "date_from_datetime_parsing at query.from",
        "date_from_datetime_parsing at query.to",
        "less_than_equal at query.within_days",
        "finite_number at query.max_distance_meters",
        "greater_than_equal at query.limit",
    ]);
    ann.get(&format!("{path}?from=2026-06-02&to=2026-06-01"))
        .await
        .faults(&["value_error at query.from"]);
    ann.get(&format!(
        "{path}?from=0001-01-01&to=9999-12-31&within_days=14&limit=500"
    ))
    .await
    .expect(200);
    ann.get(&format!("{path}?from=1778284800&to=1778371200000"))
        .await
        .expect(200);
    ann.get(&format!("{path}?from=1778284801&to=2026-06-01T00:00:01Z"))
        .await
        .faults(&[
            "date_from_datetime_inexact at query.from",
            "date_from_datetime_inexact at query.to",
        ]);
}
