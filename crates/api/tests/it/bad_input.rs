//! Every documented route, with everything that is wrong with a request in general. What is wrong with a field stands in the tests of its
//! route.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::Value;

use crate::it::support::{Actor, Answer, App};

/// A route of the document, with ids that exist in its path.
struct Route {
    method: Method,
    path: String,
    operation: Value,
}

impl Route {
    fn takes_a_body(&self) -> bool {
        self.operation["requestBody"].is_object()
    }

    fn is_secured(&self) -> bool {
        self.operation["security"]
            .as_array()
            .is_some_and(|schemes| !schemes.is_empty())
    }

    /// Sends a body as it is.
    async fn send(
        &self,
        app: &App,
        actor: &Actor<'_>,
        content_type: Option<&str>,
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = actor.request(self.method.clone(), &self.path);
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        app.send(request.body(body.into()).unwrap()).await
    }

    /// The answer must be one that the document names, in one of the two forms of a refusal.
    fn expect_refusal(&self, answer: &Answer, status: u16, why: &str) {
        let what = format!("{} {}: {why}", self.method, self.path);
        assert_eq!(answer.status, status, "{what}: {:?}", answer.body);
        assert!(
            self.operation["responses"][answer.status.as_str()].is_object(),
            "{what}: undocumented {status}"
        );
        let detail = &answer.json()["detail"];
        assert!(
            detail.is_string() || (status == 422 && detail.is_array()),
            "{what}: {detail}"
        );
    }
}

/// All routes that read something: the ones that a test can get wrong.
async fn routes(app: &App, ann: &Actor<'_>) -> Vec<Route> {
    let journey = ann.journey("To the sea").await;
    let marker = ann.marker(&journey, "plan", [1.0, 2.0], "2026-06-01").await;
    let document = app.anonymous().get("/openapi.json").await.expect(200).json();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let path = path
                .trim_start_matches("/api/v1")
                .replace("{user_id}", ann.id())
                .replace("{journey_id}", &journey)
                .replace("{marker_id}", &marker);
            routes.push(Route {
                method: method.to_uppercase().parse().unwrap(),
                path,
                operation: operation.clone(),
            });
        }
    }
    routes
}

#[tokio::test]
async fn a_body_that_is_no_document_is_refused_by_every_route_that_takes_one() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let mut tried = 0;
    for route in routes(&app, &ann)
        .await
        .iter()
        .filter(|route| route.takes_a_body())
    {
        let media = route.operation["requestBody"]["content"].as_object().unwrap();
        if media.contains_key("application/json") {
            let json = Some("application/json");
            for (body, why) in [
                (&b"{\"name\": \"a\""[..], "truncated"),
                (b"{\"name\": \"\xff\"}", "no UTF-8"),
                (b"{\"name\": NaN}", "not a number"),
                (b"[]", "a list"),
                (b"\"text\"", "a string"),
                (b"{}{}", "two documents"),
            ] {
                // Positions are a list.
                if why == "a list" && route.path.ends_with("/positions") {
                    continue;
                }
                let answer = route.send(&app, &ann, json, body).await;
                route.expect_refusal(&answer, 422, why);
            }
            let deep = "[".repeat(100_000);
            route.expect_refusal(&route.send(&app, &ann, json, deep).await, 422, "too deep");
            // No route has no required field, and nothing else is in these. A patch names what it likes, and a
            // batch may be empty.
            if route.method != Method::PATCH && !route.path.ends_with("/batch") {
                let nothing = route.send(&app, &ann, json, "{\"unknown\": 1}").await;
                route.expect_refusal(&nothing, 422, "nothing it knows");
            }
        }
        let answer = route.send(&app, &ann, Some("text/plain"), "a=b").await;
        route.expect_refusal(&answer, 415, "another content type");
        let takes_a_file = media.contains_key("application/octet-stream");
        let huge = "x".repeat(if takes_a_file { 33 << 20 } else { 2 << 20 });
        let first = media.keys().next().unwrap();
        let answer = route.send(&app, &ann, Some(first), huge).await;
        route.expect_refusal(&answer, 413, "too large");
        tried += 1;
    }
    assert!(tried > 10, "only {tried} routes take a body");
    // Nothing was half written.
    let journeys = ann
        .get(&format!("/users/{}/journeys", ann.id()))
        .await
        .expect(200)
        .json();
    assert_eq!(journeys.as_array().unwrap().len(), 1);
    assert_eq!(journeys[0]["name"], "To the sea");
}

#[tokio::test]
async fn a_field_of_a_wrong_type_is_named_by_every_route_that_reads_it() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let document = app.anonymous().get("/openapi.json").await.expect(200).json();
    let mut tried = 0;
    for route in routes(&app, &ann).await {
        let reference = &route.operation["requestBody"]["content"]["application/json"]["schema"];
        // Optional bodies are a choice between the schema and null.
        let reference = reference["$ref"].as_str().or_else(|| {
            let choices = reference["oneOf"].as_array()?;
            choices.iter().find_map(|choice| choice["$ref"].as_str())
        });
        let Some(pointer) = reference.and_then(|reference| reference.strip_prefix('#')) else {
            continue;
        };
        let schema = document.pointer(pointer).unwrap();
        let fields: Vec<&str> = match schema["required"].as_array() {
            Some(required) => required.iter().map(|field| field.as_str().unwrap()).collect(),
            None => schema["properties"]
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect(),
        };
        // No field takes a list of lists.
        let wrong = fields
            .iter()
            .map(|field| ((*field).to_owned(), serde_json::json!([[]])));
        let body = Value::Object(wrong.collect());
        let answer = route
            .send(&app, &ann, Some("application/json"), body.to_string())
            .await;
        route.expect_refusal(&answer, 422, "wrong types");
        let faults = answer.json();
        for field in fields {
            let named = faults["detail"]
                .as_array()
                .unwrap()
                .iter()
                .any(|fault| fault["loc"][1] == *field);
            assert!(
                named,
                "{} {}: {field} is not among {faults}",
                route.method, route.path
            );
        }
        tried += 1;
    }
    assert!(tried > 8, "only {tried} routes read JSON");
}

#[tokio::test]
async fn a_query_that_is_no_utf_8_is_refused_by_every_route_that_reads_it() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let mut tried = 0;
    for mut route in routes(&app, &ann).await {
        let parameters = route.operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let query: Vec<_> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "query")
            .collect();
        if query.is_empty() {
            continue;
        }
        let names = query
            .iter()
            .map(|parameter| format!("{}=%FF%FE", parameter["name"].as_str().unwrap()));
        route.path = format!("{}?{}", route.path, names.collect::<Vec<_>>().join("&"));
        let answer = route.send(&app, &ann, None, "").await;
        route.expect_refusal(&answer, 422, "no UTF-8");
        assert_eq!(answer.json()["detail"].as_array().unwrap().len(), query.len());
        tried += 1;
    }
    assert!(tried > 8, "only {tried} routes read a query");
}

#[tokio::test]
async fn every_id_in_a_path_may_be_malformed_or_unknown_without_harm() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    for route in routes(&app, &ann).await.iter().filter(|route| route.is_secured()) {
        let segments: Vec<&str> = route.path.split('/').collect();
        let is_id = |segment: &str| segment.len() == 24;
        for (place, _) in segments.iter().enumerate().filter(|(_, segment)| is_id(segment)) {
            for (id, expected) in [
                ("x", 400),
                ("%00", 400),
                ("%FF%FE", 400),
                ("$where", 400),
                ("5f43a1b2c3d4e5f60718293", 400),
                ("5f43a1b2c3d4e5f60718293aa", 400),
                ("ffffffffffffffffffffffff", 404),
            ] {
                let mut spoilt = segments.clone();
                spoilt[place] = id;
                let spoilt = Route {
                    method: route.method.clone(),
                    path: spoilt.join("/"),
                    operation: route.operation.clone(),
                };
                let answer = spoilt.send(&app, &ann, None, "").await;
                // The body, of which there is none, is read before existence is asked for.
                if expected == 400 || !route.takes_a_body() {
                    spoilt.expect_refusal(&answer, expected, id);
                }
            }
        }
    }
}
