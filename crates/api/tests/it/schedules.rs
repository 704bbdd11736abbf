//! Schedules of routes.

use axum::http::Method;
use serde_json::{Value, json};

use crate::it::support::App;

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

/// A line along the equator. A degree of it has 111 318.845 m.
fn equator(degrees: f64) -> Value {
    json!({"type": "LineString", "coordinates": [[7, 0], [7.0 + degrees, 0]]})
}

fn schedule(start_date: &str, meters_per_day: u32) -> Value {
    json!({"start_date": start_date, "meters_per_day": meters_per_day})
}

#[tokio::test]
async fn a_schedule_is_kept_in_order_and_says_when_it_ends() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = format!("/journeys/{}", ann.journey("Equator").await);
    let path = format!("{journey}/schedule");
    ann.put(&format!("{journey}/route"), equator(3.0))
        .await
        .expect(200);
    bob.get(&path).await.refuses_as(404, "no_schedule", "No schedule");
    ann.delete(&path).await.refuses(404, "No schedule");
    // 2026-06-07 is a Sunday. The riding days are 2, 4, 5, 6, 8 and 9 June.
    let input = json!({
        "start_date": "2026-06-01T00:00:00", "meters_per_day": 65_000,
        "rest_dates": ["2026-06-20", "2026-06-03", "2026-06-03"], "rest_weekdays": [7, 7], "end_date": "x",
    });
    let put = ann.put(&path, input).await.expect(200);
    let expected = json!({
        "start_date": "2026-06-01", "meters_per_day": 65_000,
        "rest_dates": ["2026-06-03", "2026-06-20"], "rest_weekdays": [7], "end_date": "2026-06-09",
    });
    assert_eq!(put.json(), expected);
    let got = bob.get(&path).await.expect(200);
    assert_eq!((got.json(), got.tag()), (expected, put.tag()));
    ann.put(&path, schedule("2026-06-01", 100_000)).await.expect(200);
    let expected = json!({
        "start_date": "2026-06-01", "meters_per_day": 100_000,
        "rest_dates": [], "rest_weekdays": [], "end_date": "2026-06-05",
    });
    assert_eq!(ann.get(&path).await.expect(200).json(), expected);
    ann.delete(&path).await.expect(204);
    ann.get(&path).await.refuses(404, "No schedule");
    ann.get(&format!("{journey}/route")).await.expect(200);
}

#[tokio::test]
async fn a_new_route_keeps_the_schedule_and_without_a_route_it_goes() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = format!("/journeys/{}", ann.journey("Equator").await);
    let (path, route) = (format!("{journey}/schedule"), format!("{journey}/route"));
    let slow = schedule("2026-06-01", 1_000);
    ann.put(&path, slow.clone())
        .await
        .refuses_as(409, "no_route", "No route");
    ann.put(&route, equator(1.0)).await.expect(200);
    let first = ann.put(&path, slow.clone()).await.expect(200);
    assert_eq!(first.json()["end_date"], "2026-09-21");
    ann.put(&route, equator(0.01)).await.expect(200);
    let second = ann.get(&path).await.expect(200);
    assert_eq!(second.json()["end_date"], "2026-06-03");
    assert_ne!(second.tag(), first.tag());
    ann.put(&route, equator(10.0)).await.refuses_as(
        409,
        "schedule_too_long",
        "The schedule would take more than 1000 days",
    );
    assert_eq!(ann.get(&path).await.expect(200).json(), second.json());
    ann.delete(&route).await.expect(204);
    ann.get(&path).await.refuses(404, "No schedule");
    // It doesn't come back with another route.
    ann.put(&route, equator(10.0)).await.expect(200);
    ann.get(&path).await.refuses(404, "No schedule");
    ann.put(&path, slow)
        .await
        .faults(&["value_error at body.meters_per_day"]);
    ann.put(&path, schedule("9999-12-30", 100_000))
        .await
        .faults(&["value_error at body.start_date"]);
    ann.get(&path).await.refuses(404, "No schedule");
}

#[tokio::test]
async fn all_faults_of_a_schedule_are_named_at_once() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let path = format!("/journeys/{}/schedule", ann.journey("Equator").await);
    for (input, faults) in [
        (
            json!({}),
            &["missing at body.start_date", "missing at body.meters_per_day"] as &[_],
        ),
        (
            json!({
                "start_date": "soon", "meters_per_day": 999,
                "rest_dates": ["2026-06-01", "later"], "rest_weekdays": [0, 1, 8],
            }),
            &[
                "date_from_datetime_parsing at body.start_date",
                "greater_than_equal at body.meters_per_day",
                "date_from_datetime_parsing at body.rest_dates.1",
                "greater_than_equal at body.rest_weekdays.0",
                "less_than_equal at body.rest_weekdays.2",
            ],
        ),
        (
            json!({
                "start_date": "2026-06-01", "meters_per_day": 500_001,
                "rest_dates": vec!["2026-06-01"; 367], "rest_weekdays": [1, 1, 1, 1, 1, 1, 1, 1],
            }),
            &[
                "less_than_equal at body.meters_per_day",
                "too_long at body.rest_dates",
                "too_long at body.rest_weekdays",
            ],
        ),
        (
            json!({"start_date": "2026-06-01", "meters_per_day": 1.5, "rest_dates": null, "rest_weekdays": "7"}),
            &[
                "int_type at body.meters_per_day",
                "list_type at body.rest_dates",
                "list_type at body.rest_weekdays",
            ],
        ),
        (
            json!({"start_date": "2026-06-01", "meters_per_day": 1_000, "rest_weekdays": [7, 6, 5, 4, 3, 2, 1]}),
            &["value_error at body.rest_weekdays"],
        ),
    ] {
        ann.put(&path, input).await.faults(faults);
    }
}

#[tokio::test]
async fn a_schedule_is_changed_only_as_it_was_seen() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = format!("/journeys/{}", ann.journey("Equator").await);
    let (path, route) = (format!("{journey}/schedule"), format!("{journey}/route"));
    let put = async |tag: &str, pace: u32| {
        let input = schedule("2026-06-01", pace);
        ann.send(Method::PUT, &path, &[("if-match", tag)], Some(input))
            .await
    };
    let delete = async |tag: &str| ann.send(Method::DELETE, &path, &[("if-match", tag)], None).await;
    // The tag is compared before the state.
    put("*", 50_000)
        .await
        .refuses_as(412, "changed_meanwhile", "It was changed meanwhile");
    ann.put(&route, equator(3.0)).await.expect(200);
    put("*", 50_000).await.expect(412);
    let first = ann
        .put(&path, schedule("2026-06-01", 50_000))
        .await
        .expect(200)
        .tag();
    let second = put(&first, 60_000).await.expect(200).tag();
    put(&first, 70_000).await.expect(412);
    delete(&first).await.expect(412);
    let seen = [("if-none-match", &*second)];
    ann.send(Method::GET, &path, &seen, None).await.expect(304);
    // A new route changes the end.
    ann.put(&route, equator(1.0)).await.expect(200);
    ann.send(Method::GET, &path, &seen, None).await.expect(200);
    delete(&second).await.expect(412);
    delete("*").await.expect(204);
    delete("*").await.refuses(404, "No schedule");
}

#[tokio::test]
async fn a_schedule_is_seen_like_its_journey_and_changed_by_its_owner() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let nobody = app.anonymous();
    let journey = format!("/journeys/{}", ann.journey("Equator").await);
    let path = format!("{journey}/schedule");
    let input = schedule("2026-06-01", 100_000);
    // The owner is compared before the state.
    bob.put(&path, input.clone())
        .await
        .refuses(403, "Not your journey");
    bob.delete(&path).await.refuses(403, "Not your journey");
    ann.put(&format!("{journey}/route"), equator(3.0))
        .await
        .expect(200);
    ann.put(&path, input.clone()).await.expect(200);
    bob.get(&path).await.expect(200);
    nobody.get(&path).await.refuses(401, "Not authenticated");
    nobody
        .put(&path, input.clone())
        .await
        .refuses(401, "Not authenticated");
    nobody.delete(&path).await.refuses(401, "Not authenticated");
    ann.patch_json(&journey, json!({"visibility": "private"}))
        .await
        .expect(200);
    ann.get(&path).await.expect(200);
    for (journey, status, detail) in [
        (&*journey, 404, "Journey not found"),
        (&*format!("/journeys/{UNKNOWN}"), 404, "Journey not found"),
        ("/journeys/x", 400, "Invalid journey ID format"),
    ] {
        let path = format!("{journey}/schedule");
        bob.get(&path).await.refuses(status, detail);
        bob.put(&path, input.clone()).await.refuses(status, detail);
        bob.delete(&path).await.refuses(status, detail);
    }
}
