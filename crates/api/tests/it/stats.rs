//! A journey in figures.

use serde_json::json;

use crate::it::support::App;

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

#[tokio::test]
async fn the_figures_of_a_journey_count_days_and_metres() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("Equator").await;
    let path = format!("/journeys/{journey}/stats");
    let expected = json!({
        "past_markers": 0, "plan_markers": 0, "first_date": null, "last_date": null, "days": 0,
        "past_meters": 0.0, "plan_meters": 0.0, "route_meters": null, "track_meters": null,
    });
    assert_eq!(ann.get(&path).await.expect(200).json(), expected);

    // In riding order the past goes from 0° by 1° to 2°, whatever order it was put in.
    ann.marker(&journey, "past", [2.0, 0.0], "2026-05-12").await;
    ann.marker(&journey, "past", [0.0, 0.0], "2026-05-01").await;
    ann.marker(&journey, "past", [1.0, 0.0], "2026-05-02").await;
    ann.marker(&journey, "plan", [179.5, 0.0], "2026-06-01").await;
    ann.marker(&journey, "plan", [-179.5, 0.0], "2026-06-03").await;
    let stats = bob.get(&path).await.expect(200).json();
    // A degree of a great circle of this radius.
    let degree = 111_318.845;
    let expected = json!({
        "past_markers": 3, "plan_markers": 2, "first_date": "2026-05-01", "last_date": "2026-06-03", "days": 34,
        "past_meters": 2.0 * degree, "plan_meters": degree, "route_meters": null, "track_meters": null,
    });
    assert_eq!(stats, expected);

    // A track says how far the rider went. A gap between segments has no length.
    let line =
        |coordinates: serde_json::Value| json!({"type": "MultiLineString", "coordinates": coordinates});
    let route = line(json!([[[10, 0], [13, 0]]]));
    ann.put(&format!("/journeys/{journey}/route"), route)
        .await
        .expect(200);
    let track = line(json!([[[10, 0], [11, 0]], [[15, 0], [15.5, 0]]]));
    ann.put(&format!("/journeys/{journey}/track"), track)
        .await
        .expect(200);
    let stats = bob.get(&path).await.expect(200).json();
    assert_eq!(stats["past_meters"], 166_978.268);
    assert_eq!(
        (&stats["route_meters"], &stats["track_meters"]),
        (&json!(333_956.535), &json!(166_978.268))
    );
    assert_eq!(
        (&stats["plan_meters"], &stats["days"]),
        (&json!(degree), &json!(34))
    );
    bob.get("/journeys/x/stats")
        .await
        .refuses(400, "Invalid journey ID format");
    bob.get(&format!("/journeys/{UNKNOWN}/stats"))
        .await
        .refuses(404, "Journey not found");
}
