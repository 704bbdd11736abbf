//! Nearby journeys with what draws them on a map.

use serde_json::{Value, json};

use crate::it::support::App;

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

#[tokio::test]
async fn nearby_journeys_come_with_what_is_asked_for() {
    let app = App::start().await;
    let (ann, bob, cleo) = (
        app.rider("ann").await,
        app.rider("bob").await,
        app.rider("cleo").await,
    );
    let mine = ann.journey("mine").await;
    ann.marker(&mine, "plan", [10.0, 0.0], "2026-06-01").await;
    bob.put(
        &format!("/users/{}", bob.id()),
        json!({"name": "bob", "instagram": "bob"}),
    )
    .await
    .expect(200);
    let (near, far) = (bob.journey("near").await, cleo.journey("far").await);
    bob.marker(&near, "plan", [50.0, 0.0], "2026-06-09").await;
    let nearest = bob.marker(&near, "plan", [10.25, 0.0], "2026-06-02").await;
    let other = cleo.marker(&far, "past", [10.5, 0.0], "2026-05-01").await;
    let secret = json!({"name": "secret", "visibility": "private"});
    let secret = bob.post("/journeys/", secret).await.expect(201).id();
    bob.marker(&secret, "plan", [10.0, 0.0], "2026-06-01").await;

    let expected = |rider: [Value; 2], markers: [Value; 2]| {
        let ([bobs, cleos], [first, second]) = (rider, markers);
        let at = |longitude: f64| json!({"type": "Point", "coordinates": [longitude, 0.0]});
        json!([
            {
                "journey_id": near, "name": "near", "user_id": bob.id(), "distance_meters": 27_829.711, "marker_id": nearest,
                "position": at(10.25), "rider": bobs, "markers": first, "lines": null,
            },
            {
                "journey_id": far, "name": "far", "user_id": cleo.id(), "distance_meters": 55_659.423, "marker_id": other,
                "position": at(10.5), "rider": cleos, "markers": second, "lines": null,
            },
        ])
    };
    let nothing = [Value::Null, Value::Null];
    let riders = [
        ann.get(&format!("/users/{}", bob.id())).await.json(),
        ann.get(&format!("/users/{}", cleo.id())).await.json(),
    ];
    assert_eq!(riders[0]["instagram"], "bob");
    let markers = [
        ann.get(&format!("/journeys/{near}/markers")).await.json(),
        ann.get(&format!("/journeys/{far}/markers")).await.json(),
    ];
    assert_eq!(markers[0][0]["_id"], nearest);
    let path = format!("/journeys/{mine}/nearby");
    for (query, riders, markers) in [
        ("", &nothing, &nothing),
        ("?include=", &nothing, &nothing),
        ("?include=rider", &riders, &nothing),
        ("?include=markers", &nothing, &markers),
        ("?include=rider,markers", &riders, &markers),
        ("?include=markers&include=rider&include=rider", &riders, &markers),
        ("?include=rider,%20markers&limit=50", &riders, &markers),
    ] {
        let answer = ann.get(&format!("{path}{query}")).await.expect(200).json();
        assert_eq!(answer, expected(riders.clone(), markers.clone()), "{query}");
    }
    // Whoever is not verified sees no contacts here either.
    let eve = app.unverified_rider("eve").await;
    let answer = eve
        .get(&format!("{path}?include=rider&limit=1"))
        .await
        .expect(200);
    assert_eq!(answer.json()[0]["rider"]["instagram"], Value::Null);
    assert_eq!(answer.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_list_of_nearby_journeys_is_asked_for_in_order() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let mine = ann.journey("mine").await;
    let path = format!("/journeys/{mine}/nearby");
    assert_eq!(ann.get(&path).await.expect(200).json(), json!([]));
    ann.get(&format!("{path}?include=rider,lines&include=all&limit=501"))
        .await
        .faults(&[
            "literal_error at query.include.2",
            "less_than_equal at query.limit",
        ]);
    ann.get(&format!("{path}?include=markers&limit=51&max_distance_meters=-1"))
        .await
        .faults(&[
            "greater_than_equal at query.max_distance_meters",
            "less_than_equal at query.limit",
        ]);
    ann.get(&format!("{path}?include=rider&limit=500"))
        .await
        .expect(200);
    app.anonymous().get(&path).await.refuses(401, "Not authenticated");
    ann.get("/journeys/x/nearby?include=x")
        .await
        .refuses(400, "Invalid journey ID format");
    ann.get(&format!("/journeys/{UNKNOWN}/nearby"))
        .await
        .refuses(404, "Journey not found");
}

#[tokio::test]
async fn twenty_journeys_come_with_markers_unless_more_are_asked_for() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let mine = ann.journey("mine").await;
    ann.marker(&mine, "plan", [10.0, 0.0], "2026-06-01").await;
    for _ in 0..51 {
        let theirs = bob.journey("theirs").await;
        bob.marker(&theirs, "plan", [10.0, 0.0], "2026-06-01").await;
    }
    let count = async |query: &str| {
        let answer = ann
            .get(&format!("/journeys/{mine}/nearby{query}"))
            .await
            .expect(200);
        answer.json().as_array().unwrap().len()
    };
    assert_eq!(count("").await, 50);
    assert_eq!(count("?include=rider").await, 50);
    assert_eq!(count("?include=markers").await, 20);
    assert_eq!(count("?include=markers&limit=50").await, 50);
    assert_eq!(count("?limit=51").await, 51);
}

#[tokio::test]
async fn the_operator_says_how_far_nearby_is() {
    let app = App::start_with(|settings| settings.nearby_distance_metres = 500_000.0).await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let mine = ann.journey("mine").await;
    ann.marker(&mine, "plan", [10.0, 0.0], "2026-06-01").await;
    let theirs = bob.journey("theirs").await;
    bob.marker(&theirs, "plan", [14.0, 0.0], "2026-06-01").await;
    for (path, query) in [
        (format!("/journeys/{mine}/nearby"), "?"),
        (format!("/journeys/{mine}/journeys/nearby"), "?"),
        ("/journeys/nearby".to_owned(), "?longitude=10&latitude=0&"),
    ] {
        let count = async |query: String| {
            let answer = ann.get(&format!("{path}{query}")).await.expect(200);
            answer.json().as_array().unwrap().len()
        };
        assert_eq!(count(query.to_owned()).await, 1, "{path}");
        assert_eq!(
            count(format!("{query}max_distance_meters=100000")).await,
            0,
            "{path}"
        );
    }
}
