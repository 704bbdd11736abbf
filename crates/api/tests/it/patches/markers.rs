use futures_util::future::join_all;
use serde_json::{Value, json};

use super::UNKNOWN;
use crate::it::support::{Actor, App};

async fn marker(rider: &Actor<'_>) -> (String, Value) {
    let journey = rider.journey("Danube").await;
    let body = json!({
        "name": "Passau", "marker_type": "plan", "notes": "three rivers", "estimated_time": "2026-06-01",
        "coordinates": {"coordinates": [13.5, 48.5, 312]},
    });
    let markers = format!("/journeys/{journey}/markers");
    let marker = rider.post(&markers, body).await.expect(201);
    (format!("{markers}/{}", marker.id()), marker.json())
}

#[tokio::test]
async fn a_patch_sets_what_it_names_of_a_marker() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let (path, mut marker) = marker(&ann).await;
    let at = |numbers: Value| json!({"coordinates": {"type": "Point", "coordinates": numbers}});
    for (patch, expected) in [
        (json!({}), json!({})),
        (json!({"name": "Linz"}), json!({"name": "Linz"})),
        (json!({"notes": null}), json!({"notes": ""})),
        (json!({"coordinates": {}}), json!({})),
        (json!({"coordinates": {"type": null}}), json!({})),
        (json!({"coordinates": {"type": "Point"}}), json!({})),
        (
            json!({"coordinates": {"coordinates": [14, 48.25]}}),
            at(json!([14.0, 48.25])),
        ),
        (
            json!({"timestamp": "2026-05-02"}),
            json!({"timestamp": "2026-05-02"}),
        ),
        (
            json!({"marker_type": "past", "estimated_time": null}),
            json!({"marker_type": "past", "estimated_time": null}),
        ),
        (json!({"timestamp": null}), json!({"timestamp": null})),
        (
            json!({"_id": UNKNOWN, "owner_id": UNKNOWN, "created_at": null, "journey_id": marker["journey_id"]}),
            json!({}),
        ),
    ] {
        let answer = ann.patch_json(&path, patch).await.expect(200).json();
        for (name, value) in expected.as_object().unwrap() {
            marker[name] = value.clone();
        }
        assert_eq!(answer, marker);
        assert_eq!(ann.get(&path).await.json(), marker);
    }
}

#[tokio::test]
async fn a_patch_of_a_marker_is_checked_and_changes_nothing_then() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let (path, before) = marker(&ann).await;
    let nothing = json!({
        "name": null, "marker_type": null, "coordinates": null, "timestamp": 5.5, "estimated_time": "soon", "notes": 5,
        "journey_id": UNKNOWN,
    });
    bob.patch_json(&path, nothing).await.faults(&[
        "string_type at body.name",
        "literal_error at body.marker_type",
        "model_attributes_type at body.coordinates",
        "date_from_datetime_inexact at body.timestamp",
        "date_from_datetime_parsing at body.estimated_time",
        "string_type at body.notes",
        "value_error at body.journey_id",
    ]);
    // What would come of it is no point.
    for (patch, fault) in [
        (json!([1, 2]), "model_attributes_type at body.coordinates"),
        (
            json!({"coordinates": null}),
            "missing at body.coordinates.coordinates",
        ),
        (
            json!({"coordinates": [1]}),
            "too_short at body.coordinates.coordinates",
        ),
        (
            json!({"coordinates": {"0": 1}}),
            "list_type at body.coordinates.coordinates",
        ),
        (
            json!({"type": "Polygon"}),
            "literal_error at body.coordinates.type",
        ),
    ] {
        ann.patch_json(&path, json!({ "coordinates": patch }))
            .await
            .faults(&[fault]);
    }
    ann.patch(&path).await.faults(&["missing at body"]);
    ann.patch_json(&path, json!(null))
        .await
        .faults(&["missing at body"]);
    ann.patch_json(&path, json!({"journey_id": null}))
        .await
        .faults(&["string_type at body.journey_id"]);
    bob.patch_json(&path, json!({"name": "Mine"}))
        .await
        .refuses(403, "Not your journey");
    app.anonymous()
        .patch_json(&path, json!({}))
        .await
        .refuses(401, "Not authenticated");
    let (journey, _) = path.rsplit_once('/').unwrap();
    ann.patch_json(&format!("{journey}/x"), json!({}))
        .await
        .refuses(400, "Invalid marker ID format");
    ann.patch_json(&format!("{journey}/{UNKNOWN}"), json!({}))
        .await
        .refuses(404, "Marker not found");
    ann.patch_json(&format!("/journeys/{UNKNOWN}/markers/{UNKNOWN}"), json!({}))
        .await
        .refuses(404, "Journey not found");
    assert_eq!(ann.get(&path).await.json(), before);
}

#[tokio::test]
async fn patches_of_different_fields_at_once_all_stick() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let (marker, mut expected) = marker(&ann).await;
    let (journey, _) = marker.split_once("/markers").unwrap();
    let patches = [
        json!({"name": "Linz"}),
        json!({"marker_type": "past"}),
        json!({"coordinates": {"type": "Point", "coordinates": [14.25, 48.25]}}),
        json!({"timestamp": "2026-05-02"}),
        json!({"estimated_time": "2026-06-02"}),
        json!({"notes": "a bridge"}),
    ];
    for answer in join_all(patches.iter().map(|patch| ann.patch_json(&marker, patch.clone()))).await {
        answer.expect(200);
    }
    let named = patches.iter().flat_map(|patch| patch.as_object().unwrap());
    named.for_each(|(name, value)| expected[name] = value.clone());
    assert_eq!(ann.get(&marker).await.json(), expected);

    let mut expected = ann.get(journey).await.json();
    let patches = [
        json!({"name": "Donau"}),
        json!({"description": "to the sea"}),
        json!({"visibility": "private"}),
        json!({"active": true}),
    ];
    for answer in join_all(patches.iter().map(|patch| ann.patch_json(journey, patch.clone()))).await {
        answer.expect(200);
    }
    let named = patches.iter().flat_map(|patch| patch.as_object().unwrap());
    named.for_each(|(name, value)| expected[name] = value.clone());
    assert_eq!(ann.get(journey).await.json(), expected);
}
