//! Itineraries.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use crate::it::support::App;

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

/// Checks the days: date, source, longitude, latitude and place. A longitude may differ by a centimetre.
#[track_caller]
fn assert_days(found: &Value, expected: &[(&str, &str, [f64; 2], Value)]) {
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (day, (date, source, position, place)) in found.iter().zip(expected) {
        assert_eq!((&day["date"], &day["source"]), (&json!(date), &json!(source)));
        assert_eq!(&day["meters_along_route"], place, "{day}");
        assert_eq!(day["position"]["type"], "Point");
        let coordinates = day["position"]["coordinates"].as_array().unwrap();
        assert_eq!(coordinates.len(), 2, "{day}");
        for (degrees, expected) in coordinates.iter().zip(position) {
            assert!((degrees.as_f64().unwrap() - expected).abs() < 1e-7, "{day}");
        }
    }
}

#[tokio::test]
async fn a_schedule_gives_the_days_along_the_route_and_a_marker_corrects_them() {
    const DEGREE: f64 = 111_318.845_021_45;
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let id = ann.journey("Equator").await;
    let journey = format!("/journeys/{id}");
    let path = format!("{journey}/itinerary");
    let route = json!({"type": "LineString", "coordinates": [[7, 0, 300], [10, 0, 500]]});
    ann.put(&format!("{journey}/route"), route).await.expect(200);
    assert_eq!(ann.get(&path).await.expect(200).json(), json!([]));
    let schedule = json!({"start_date": "2026-06-01", "meters_per_day": 100_000});
    ann.put(&format!("{journey}/schedule"), schedule)
        .await
        .expect(200);
    let at = |metres: f64| [7.0 + metres / DEGREE, 0.0];
    let day = |date, metres: f64| (date, "route", at(metres), json!(metres));
    let days = [
        day("2026-06-01", 0.0),
        day("2026-06-02", 100_000.0),
        day("2026-06-03", 200_000.0),
        day("2026-06-04", 300_000.0),
        day("2026-06-05", 333_956.535),
    ];
    assert_days(&bob.get(&path).await.expect(200).json(), &days);
    let some = bob.get(&format!("{path}?from=2026-06-02&to=2026-06-03")).await;
    assert_days(&some.expect(200).json(), &days[1..3]);
    let some = bob.get(&format!("{path}?from=2026-06-05")).await;
    assert_days(&some.expect(200).json(), &days[4..]);
    let some = bob.get(&format!("{path}?to=2026-05-31")).await;
    assert_days(&some.expect(200).json(), &[]);
    // The rider wants to be at the end of the second degree on 3 June.
    let marker = json!({
        "name": "Camp", "marker_type": "plan", "estimated_time": "2026-06-03",
        "coordinates": {"type": "Point", "coordinates": [9, 0, 250]},
    });
    ann.post(&format!("{journey}/markers"), marker).await.expect(201);
    let expected = [
        day("2026-06-01", 0.0),
        day("2026-06-02", 111_318.845),
        ("2026-06-03", "plan_marker", [9.0, 0.0], json!(222_637.69)),
        day("2026-06-04", 322_637.69),
        day("2026-06-05", 333_956.535),
    ];
    assert_days(&ann.get(&path).await.expect(200).json(), &expected);
}

#[tokio::test]
async fn markers_and_the_track_fix_days_without_a_route() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let id = ann.journey("Equator").await;
    let path = format!("/journeys/{id}/itinerary");
    ann.marker(&id, "past", [0.0, 0.0], "2026-05-08").await;
    ann.marker(&id, "plan", [7.0, 0.0], "2026-05-12").await;
    let at = |longitude: f64, time: &str| json!({"coordinates": [longitude, 0.0, 9.0], "time": time});
    let positions = json!([at(1.0, "2026-05-10T08:00:00Z"), at(3.0, "2026-05-10T18:00:00Z")]);
    ann.post(&format!("/journeys/{id}/track/positions"), positions)
        .await
        .expect(200);
    let expected = [
        ("2026-05-08", "past_marker", [0.0, 0.0], Value::Null),
        ("2026-05-09", "between", [1.5, 0.0], Value::Null),
        ("2026-05-10", "track", [3.0, 0.0], Value::Null),
        ("2026-05-11", "between", [5.0, 0.0], Value::Null),
        ("2026-05-12", "plan_marker", [7.0, 0.0], Value::Null),
    ];
    assert_days(&ann.get(&path).await.expect(200).json(), &expected);
}

#[tokio::test]
async fn an_itinerary_is_seen_like_its_journey() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = format!("/journeys/{}", ann.journey("Equator").await);
    let path = format!("{journey}/itinerary");
    app.anonymous().get(&path).await.refuses(401, "Not authenticated");
    bob.get(&path).await.expect(200);
    for (query, faults) in [
        (
            "from=x&to=2026-02-30",
            &[
                "date_from_datetime_parsing at query.from",
                "date_from_datetime_parsing at query.to",
            ] as &[_],
        ),
        ("from=2026-06-02&to=2026-06-01", &["value_error at query.from"]),
    ] {
        bob.get(&format!("{path}?{query}")).await.faults(faults);
    }
    ann.patch_json(&journey, json!({"visibility": "private"}))
        .await
        .expect(200);
    bob.get(&path).await.refuses(404, "Journey not found");
    ann.get(&path).await.expect(200);
    ann.get(&format!("/journeys/{UNKNOWN}/itinerary"))
        .await
        .refuses(404, "Journey not found");
    ann.get("/journeys/x/itinerary")
        .await
        .refuses(400, "Invalid journey ID format");
}

#[tokio::test]
async fn a_long_itinerary_is_given_in_parts() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = format!("/journeys/{}", ann.journey("Half a life").await);
    let first: NaiveDate = "2026-06-01".parse().unwrap();
    // The gaps of 30 days are filled: the journey has 10 021 days.
    let plans = (0..=334).map(|index| {
        json!({
            "name": "Camp", "marker_type": "plan", "estimated_time": first + Days::new(30 * index),
            "coordinates": {"type": "Point", "coordinates": [7, 0]},
        })
    });
    let batch = json!({"put": plans.collect::<Vec<_>>()});
    ann.post(&format!("{journey}/markers/batch"), batch)
        .await
        .expect(200);
    let path = format!("{journey}/itinerary");
    ann.get(&path)
        .await
        .refuses_as(422, "too_many_days", "Ask for fewer days, with from and to");
    for (days, status) in [(9_999, 200), (10_000, 422)] {
        let to = first + Days::new(days);
        ann.get(&format!("{path}?to={to}")).await.expect(status);
    }
    let from = first + Days::new(10_000);
    let rest = ann.get(&format!("{path}?from={from}")).await.expect(200).json();
    assert_eq!(rest.as_array().unwrap().len(), 21);
}
