use axum::body::Body;
use axum::http::{Method, Request, header};
use kairos_domain::mail::MailKind;
use serde_json::Value;

use super::{contents, document, examples, operations};
use crate::it::support::{Actor, App};

/// Fields of compatibility, which no new client should send.
const DEPRECATED: [&str; 3] = ["user_id", "journey_id", "password"];

#[tokio::test]
async fn every_request_and_every_answer_with_a_body_has_an_example() {
    let app = App::start().await;
    let document = document(&app).await;
    for (path, method, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap().values();
        for part in answers.chain(operation.get("requestBody")) {
            for (media_type, content) in contents(part) {
                assert!(
                    !examples(content).is_empty(),
                    "{method} {path} {media_type}: {part}"
                );
            }
        }
    }
}

#[tokio::test]
async fn every_error_has_an_example_of_each_of_its_codes() {
    let app = App::start().await;
    let document = document(&app).await;
    for (path, method, operation) in operations(&document) {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            if status.as_str() < "400" {
                continue;
            }
            let named = answer["content"]["application/json"]["examples"]
                .as_object()
                .unwrap();
            let description = answer["description"].as_str().unwrap();
            // Codes stand between backquotes, each before its sentence.
            let codes = description.split('`').skip(1).step_by(2);
            let mut codes: Vec<_> = codes.collect();
            codes.sort_unstable();
            assert!(named.keys().eq(&codes), "{method} {path} {status}: {codes:?}");
            for (code, example) in named {
                let body = &example["value"];
                assert_eq!(body["code"], code.as_str(), "{method} {path} {status}");
                assert_eq!(body["detail"].is_array(), code == "validation", "{body}");
            }
        }
    }
}

#[tokio::test]
async fn no_example_has_a_deprecated_field() {
    let app = App::start().await;
    let document = document(&app).await;
    let mut deprecated = 0;
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (field, definition) in schema["properties"].as_object().into_iter().flatten() {
            if definition["deprecated"] == true {
                assert!(DEPRECATED.contains(&field.as_str()), "{name}.{field}");
                assert!(schema["example"].get(field).is_none(), "{name}.{field}");
                deprecated += 1;
            }
        }
    }
    assert_eq!(deprecated, 4);
    let profile = &document["components"]["schemas"]["UserUpdate"];
    assert!(
        profile["example"].get("email").is_none(),
        "trying it replaces the rider's address"
    );
}

/// Documentation pages fill in a form from the examples of its fields.
#[tokio::test]
async fn each_field_of_the_log_in_form_has_an_example() {
    let app = App::start().await;
    let document = document(&app).await;
    let form = &document["components"]["schemas"]["Body_login_api_v1_auth_token_post"];
    let fields = form["properties"].as_object().unwrap();
    let examples = fields
        .iter()
        .map(|(name, field)| (name.clone(), field["example"].clone()));
    assert_eq!(Value::Object(examples.collect()), form["example"]);
}

/// Sends each example, as a documentation page does, to a service in the state that the example is for.
#[tokio::test]
async fn the_service_accepts_every_example_of_a_request() {
    let app = App::start().await;
    let document = document(&app).await;
    let mut sent = 0;
    for (path, method, operation) in operations(&document) {
        for (media_type, content) in contents(&operation["requestBody"]) {
            for example in examples(content) {
                let app = App::start().await;
                let is_registration = path.ends_with("/users/register");
                let rider = if is_registration {
                    app.anonymous()
                } else {
                    app.rider("ann").await
                };
                let path = filled(path, &rider, is_registration).await;
                let example = with_real_tokens(example, &app, &rider).await;
                let method: Method = method.to_uppercase().parse().unwrap();
                let request = rider.request(method.clone(), &path);
                let answer = app.send(with_body(request, media_type, &example)).await;
                assert!(
                    answer.status.is_success(),
                    "{method} {path} {media_type} {example}: {:?}",
                    answer.body
                );
                sent += 1;
            }
        }
    }
    assert!(sent > 20, "{sent}");
}

/// Replaces the ids in a path by those of the rider, a journey and a marker.
async fn filled(template: &str, rider: &Actor<'_>, is_registration: bool) -> String {
    let path = template.trim_start_matches("/api/v1").to_owned();
    if is_registration || !path.contains('{') {
        return path;
    }
    let journey = rider.journey("On the way").await;
    let marker = rider.marker(&journey, "plan", [13.0, 48.0], "2026-06-01").await;
    if path.ends_with("/schedule") {
        let route = serde_json::json!({"type": "LineString", "coordinates": [[13.0, 48.0], [14.0, 48.0]]});
        rider
            .put(&format!("/journeys/{journey}/route"), route)
            .await
            .expect(200);
    }
    path.replace("{user_id}", rider.id())
        .replace("{journey_id}", &journey)
        .replace("{marker_id}", &marker)
}

/// Replaces the tokens in an example, which only the service can issue.
async fn with_real_tokens(example: &Value, app: &App, rider: &Actor<'_>) -> Value {
    let mut example = example.clone();
    if let Some(token) = example.get_mut("refresh_token") {
        *token = rider.refresh_token().into();
    }
    if let Some(token) = example.get_mut("token") {
        let account = serde_json::json!({"email": rider.email()});
        rider.post("/users/reset-password", account).await.expect(202);
        *token = app
            .mailed_token(rider.email(), MailKind::ResetPassword)
            .await
            .into();
    }
    example
}

/// Writes an example in the form that its media type asks for.
fn with_body(request: axum::http::request::Builder, media_type: &str, example: &Value) -> Request<Body> {
    const BOUNDARY: &str = "between-the-fields";
    let fields = || {
        let fields = example.as_object().unwrap().iter();
        fields.map(|(name, value)| (name, value.as_str().unwrap()))
    };
    let (content_type, body) = match media_type {
        "application/x-www-form-urlencoded" => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            (media_type.to_owned(), form.extend_pairs(fields()).finish())
        }
        "multipart/form-data" => {
            let parts = fields().map(|(name, value)| {
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            });
            let body = parts.collect::<String>() + &format!("--{BOUNDARY}--\r\n");
            (format!("{media_type}; boundary={BOUNDARY}"), body)
        }
        json if json.ends_with("json") => (media_type.to_owned(), example.to_string()),
        // A file.
        _ => (media_type.to_owned(), example.as_str().unwrap().to_owned()),
    };
    let request = request.header(header::CONTENT_TYPE, content_type);
    request.body(Body::from(body)).unwrap()
}
