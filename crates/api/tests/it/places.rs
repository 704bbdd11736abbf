//! The search for towns.

use serde_json::{Value, json};

use crate::it::support::App;

#[tokio::test]
async fn towns_are_found_by_the_beginning_of_their_name() {
    let app = App::start().await;
    let nobody = app.anonymous();
    let found = nobody.get("/places?q=LUGAN&limit=20").await.expect(200).json();
    let lugano = &found[0];
    assert_eq!(
        (&lugano["name"], &lugano["country"], &lugano["distance_meters"]),
        (&json!("Lugano"), &json!("CH"), &Value::Null)
    );
    assert_eq!(lugano["position"]["type"], "Point");
    assert!(lugano["population"].as_u64() > Some(10_000));
    for (query, count) in [
        ("q=s", 10),
        ("q=s&limit=1", 1),
        ("q=xqzy", 0),
        ("q=%F0%9F%9A%B2", 0),
    ] {
        let found = nobody.get(&format!("/places?{query}")).await.expect(200).json();
        assert_eq!(found.as_array().map(Vec::len), Some(count), "{query}");
    }
}

#[tokio::test]
async fn towns_are_found_by_their_distance() {
    let app = App::start().await;
    let nobody = app.anonymous();
    let found = nobody
        .get("/places?near=8.95,46.01&limit=3")
        .await
        .expect(200)
        .json();
    let distances: Vec<f64> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["distance_meters"].as_f64().unwrap())
        .collect();
    assert_eq!(distances.len(), 3);
    assert!(distances.is_sorted() && distances[0] < 5_000.0, "{distances:?}");
    // The ocean, a pole and the antimeridian have a nearest town, too.
    for near in ["-140,-48", "0,90", "180,0", "-180,%200"] {
        nobody
            .get(&format!("/places?near={near}&limit=1"))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_search_needs_one_of_a_name_and_a_position() {
    let app = App::start().await;
    let nobody = app.anonymous();
    for (query, field, kind) in [
        ("", "q", "missing"),
        ("q=", "q", "string_too_short"),
        ("q=a&near=1,2", "near", "value_error"),
        ("near=1", "near", "value_error"),
        ("near=200,1", "near", "value_error"),
        ("near=nan,1", "near", "value_error"),
        ("near=inf,1", "near", "value_error"),
        ("q=a&limit=21", "limit", "less_than_equal"),
        ("q=a&limit=0", "limit", "greater_than_equal"),
    ] {
        let fault = nobody.get(&format!("/places?{query}")).await.expect(422).json();
        assert_eq!(fault["detail"][0]["loc"], json!(["query", field]), "{query}");
        assert_eq!(fault["detail"][0]["type"], kind, "{query}");
    }
}
