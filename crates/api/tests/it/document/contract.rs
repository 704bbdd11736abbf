use std::collections::BTreeSet;
use std::fs;

use axum::body::Body;
use axum::http::Method;
use serde_json::Value;

use super::{document, operations};
use crate::it::support::App;

/// Every route of the API with its operation id: generated clients take their methods from these.
const OPERATIONS: &[(&str, &str, &str)] = &[
    ("post", "/auth/token", "login_api_v1_auth_token_post"),
    ("post", "/auth/refresh", "refresh_api_v1_auth_refresh_post"),
    ("post", "/auth/logout", "logout_api_v1_auth_logout_post"),
    (
        "post",
        "/users/register",
        "register_user_api_v1_users_register_post",
    ),
    (
        "get",
        "/users/verify-email",
        "verify_email_api_v1_users_verify_email_get",
    ),
    (
        "post",
        "/users/resend-verification",
        "resend_verification_api_v1_users_resend_verification_post",
    ),
    (
        "post",
        "/users/reset-password",
        "reset_password_api_v1_users_reset_password_post",
    ),
    (
        "post",
        "/users/update-password",
        "update_password_api_v1_users_update_password_post",
    ),
    ("get", "/users/me", "get_current_user_api_v1_users_me_get"),
    (
        "post",
        "/users/me/password",
        "change_password_api_v1_users_me_password_post",
    ),
    (
        "get",
        "/users/{user_id}",
        "get_user_by_id_api_v1_users__user_id__get",
    ),
    (
        "put",
        "/users/{user_id}",
        "update_user_api_v1_users__user_id__put",
    ),
    (
        "delete",
        "/users/{user_id}",
        "delete_user_api_v1_users__user_id__delete",
    ),
    ("get", "/users/me/journeys", "list_my_journeys"),
    ("get", "/users/me/journeys/active", "get_my_active_journey"),
    (
        "get",
        "/users/{user_id}/journeys",
        "get_user_journeys_api_v1_users__user_id__journeys_get",
    ),
    (
        "get",
        "/users/{user_id}/journeys/active",
        "get_active_journey_api_v1_users__user_id__journeys_active_get",
    ),
    ("post", "/journeys/", "create_journey_api_v1_journeys__post"),
    (
        "get",
        "/journeys/{journey_id}",
        "get_journey_api_v1_journeys__journey_id__get",
    ),
    (
        "put",
        "/journeys/{journey_id}",
        "update_journey_api_v1_journeys__journey_id__put",
    ),
    (
        "patch",
        "/journeys/{journey_id}",
        "set_completed_journey_api_v1_journeys__journey_id__patch",
    ),
    (
        "patch",
        "/journeys/{journey_id}/active",
        "toggle_active_journey_api_v1_journeys__journey_id__active_patch",
    ),
    (
        "delete",
        "/journeys/{journey_id}",
        "delete_journey_api_v1_journeys__journey_id__delete",
    ),
    (
        "post",
        "/journeys/{journey_id}/markers",
        "add_marker_to_journey_api_v1_journeys__journey_id__markers_post",
    ),
    (
        "get",
        "/journeys/{journey_id}/markers",
        "get_journey_markers_api_v1_journeys__journey_id__markers_get",
    ),
    (
        "get",
        "/journeys/{journey_id}/markers/{marker_id}",
        "get_journey_marker_api_v1_journeys__journey_id__markers__marker_id__get",
    ),
    (
        "put",
        "/journeys/{journey_id}/markers/{marker_id}",
        "update_journey_marker_api_v1_journeys__journey_id__markers__marker_id__put",
    ),
    (
        "patch",
        "/journeys/{journey_id}/markers/{marker_id}",
        "patch_marker",
    ),
    (
        "delete",
        "/journeys/{journey_id}/markers/{marker_id}",
        "delete_journey_marker_api_v1_journeys__journey_id__markers__marker_id__delete",
    ),
    ("post", "/journeys/{journey_id}/markers/batch", "put_markers"),
    ("get", "/journeys/{journey_id}/route", "get_route"),
    ("put", "/journeys/{journey_id}/route", "put_route"),
    ("delete", "/journeys/{journey_id}/route", "delete_route"),
    ("get", "/journeys/{journey_id}/track", "get_track"),
    ("put", "/journeys/{journey_id}/track", "put_track"),
    ("delete", "/journeys/{journey_id}/track", "delete_track"),
    (
        "post",
        "/journeys/{journey_id}/track/positions",
        "add_track_positions",
    ),
    ("get", "/journeys/{journey_id}/schedule", "get_schedule"),
    ("put", "/journeys/{journey_id}/schedule", "put_schedule"),
    ("delete", "/journeys/{journey_id}/schedule", "delete_schedule"),
    ("get", "/journeys/{journey_id}/itinerary", "get_itinerary"),
    ("post", "/journeys/import", "import_journey"),
    ("post", "/journeys/{journey_id}/import", "import_into_journey"),
    ("get", "/journeys/{journey_id}/export", "export_journey"),
    (
        "get",
        "/journeys/{journey_id}/stats",
        "get_journey_stats_api_v1_journeys__journey_id__stats_get",
    ),
    (
        "get",
        "/journeys/{journey_id}/journeys/nearby",
        "get_nearby_journeys_api_v1_journeys__journey_id__journeys_nearby_get",
    ),
    ("get", "/journeys/{journey_id}/nearby", "list_nearby_journeys"),
    ("get", "/places", "search_places"),
    (
        "get",
        "/journeys/nearby",
        "get_journeys_near_point_api_v1_journeys_nearby_get",
    ),
    (
        "get",
        "/journeys/{journey_id}/encounters",
        "get_encounters_api_v1_journeys__journey_id__encounters_get",
    ),
    ("get", "/", "ping_api_v1__get"),
    ("get", "/mongodb", "ping_mongodb_api_v1_mongodb_get"),
    ("get", "/health", "health_api_v1_health_get"),
];

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openapi.json");

#[tokio::test]
async fn the_routes_and_their_operation_ids_are_those_that_clients_know() {
    let app = App::start().await;
    let document = document(&app).await;
    let found: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(path, method, operation)| {
            let id = operation["operationId"].as_str().unwrap();
            (method.to_owned(), path.to_owned(), id.to_owned())
        })
        .collect();
    let expected: BTreeSet<_> = OPERATIONS
        .iter()
        .map(|(method, path, id)| ((*method).to_owned(), format!("/api/v1{path}"), (*id).to_owned()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(document["openapi"], "3.1.0");
}

#[tokio::test]
async fn the_schemas_that_clients_import_are_there() {
    let app = App::start().await;
    let document = document(&app).await;
    for name in [
        "Tokens",
        "User",
        "PublicUser",
        "Journey",
        "Marker",
        "Coordinates",
        "MessageResponse",
        "HTTPValidationError",
        "ValidationError",
        "Body_login_api_v1_auth_token_post",
        "JourneyStats",
        "NearbyJourney",
        "Encounter",
        "LineSummary",
        "ImportReport",
        "Schedule",
        "Day",
    ] {
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
    assert!(document["components"]["schemas"]["User"]["properties"]["password"].is_null());
}

#[tokio::test]
async fn the_tags_are_those_that_clients_group_by() {
    let app = App::start().await;
    let document = document(&app).await;
    for (path, method, operation) in operations(&document) {
        let expected = match path.split('/').nth(3).unwrap() {
            "auth" => Some("authentication"),
            group @ ("users" | "journeys" | "places") => Some(group),
            _ => None,
        };
        assert_eq!(operation["tags"][0].as_str(), expected, "{method} {path}");
    }
}

#[tokio::test]
async fn every_route_that_the_document_calls_secured_asks_for_credentials_and_no_other_does() {
    let app = App::start().await;
    let nobody = app.anonymous();
    let document = document(&app).await;
    for (path, method, operation) in operations(&document) {
        let is_secured = operation["security"]
            .as_array()
            .is_some_and(|schemes| !schemes.is_empty());
        let path = path
            .replace("{user_id}", "malformed")
            .replace("{journey_id}", "malformed");
        let path = path
            .trim_start_matches("/api/v1")
            .replace("{marker_id}", "malformed");
        let method: Method = method.to_uppercase().parse().unwrap();
        let answer = app
            .send(nobody.request(method, &path).body(Body::empty()).unwrap())
            .await;
        if is_secured {
            let answer = answer.refuses(401, "Not authenticated");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            assert!(operation["responses"]["401"].is_object(), "{path}");
        } else {
            assert_ne!(answer.status, 401, "{path}");
            assert_ne!(answer.status, 403, "{path}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let app = App::start().await;
    let document = document(&app).await;
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

/// A change of the contract shows in the diff of the snapshot. `KAIROS_BLESS=1 cargo test --workspace --test on_sqlite document` writes it anew.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "whether to write the snapshot is asked of the environment"
)]
async fn the_document_is_the_one_in_the_repository() {
    let app = App::start().await;
    let mut document = document(&app).await;
    // It would otherwise change with each release.
    document["info"]["version"] = Value::from("0.0.0");
    let document = format!("{}\n", serde_json::to_string_pretty(&document).unwrap());
    if std::env::var_os("KAIROS_BLESS").is_some() {
        fs::write(SNAPSHOT, &document).unwrap();
    }
    let kept = fs::read_to_string(SNAPSHOT).unwrap_or_default();
    assert!(
        kept == document,
        "the document has changed: KAIROS_BLESS=1 cargo test --workspace --test on_sqlite document, and look at the diff"
    );
}
