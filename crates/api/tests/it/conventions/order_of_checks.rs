use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::it::support::{Actor, Answer, App};

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

/// A documented route that asks for a token.
struct Route {
    method: Method,
    /// With places for ids.
    path: String,
    operation: Value,
}

/// The ids that a request names.
struct Ids<'a> {
    user: &'a str,
    journey: &'a str,
    marker: &'a str,
}

impl<'a> Ids<'a> {
    const fn all(id: &'a str) -> Self {
        Self {
            user: id,
            journey: id,
            marker: id,
        }
    }
}

impl Route {
    fn has_ids(&self) -> bool {
        self.path.contains('{')
    }

    /// The names of its query parameters.
    fn query(&self) -> Vec<&str> {
        let parameters = self.operation["parameters"].as_array().into_iter().flatten();
        let query = parameters.filter(|parameter| parameter["in"] == "query");
        query
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect()
    }

    fn reads_input(&self) -> bool {
        // The content of a file is judged after existence and ownership.
        let body = &self.operation["requestBody"]["content"];
        let is_file = body.get("multipart/form-data").is_some();
        (body.is_object() && !is_file) || !self.query().is_empty()
    }

    /// Tells whether only the owner may use it.
    fn is_for_the_owner(&self) -> bool {
        let refusals = self.operation["responses"]["403"].to_string();
        refusals.contains("Not your")
    }

    /// A body that the route takes.
    fn fine_body(&self) -> Value {
        match &*self.path {
            "/users/me/password" => json!({"current_password": "x", "new_password": "on three wheels"}),
            path if path.ends_with("/positions") => json!([]),
            path if ["/import", "/route", "/track"]
                .iter()
                .any(|end| path.ends_with(end)) =>
            {
                json!({
                    "type": "LineString", "coordinates": [[1, 2], [3, 4]],
                })
            }
            path if path.ends_with("/schedule") => {
                json!({"start_date": "2026-06-01", "meters_per_day": 80_000})
            }
            path if path.contains("/markers") => json!({
                "name": "m", "marker_type": "past", "coordinates": {"coordinates": [1, 2]},
            }),
            // For whoever asks, it breaks the state.
            "/journeys/" => json!({"name": "j", "user_id": UNKNOWN, "active": true, "completed": true}),
            _ => json!({"name": "n"}),
        }
    }

    async fn send(&self, app: &App, actor: &Actor<'_>, ids: &Ids<'_>, is_fine: bool) -> Answer {
        let mut path = self
            .path
            .replace("{user_id}", ids.user)
            .replace("{journey_id}", ids.journey)
            .replace("{marker_id}", ids.marker);
        let mut body = Body::empty();
        if is_fine {
            if self.operation["requestBody"].is_object() {
                body = self.fine_body().to_string().into();
            }
        } else {
            body = "7".into();
            let query = self.query();
            let query = query.iter().map(|name| format!("{name}=%FF&"));
            path = format!("{path}?{}", query.collect::<String>());
        }
        app.send(actor.request(self.method.clone(), &path).body(body).unwrap())
            .await
    }

    #[track_caller]
    fn is(&self, answer: &Answer, status: u16, code: &str) {
        let found = answer.json()["code"].as_str().unwrap().to_owned();
        assert_eq!(
            (answer.status.as_u16(), &*found),
            (status, code),
            "{} {}",
            self.method,
            self.path
        );
    }
}

async fn routes(app: &App) -> Vec<Route> {
    let document = app.anonymous().get("/openapi.json").await.expect(200).json();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let is_secured = operation["security"]
                .as_array()
                .is_some_and(|schemes| !schemes.is_empty());
            if is_secured {
                routes.push(Route {
                    method: method.to_uppercase().parse().unwrap(),
                    path: path.trim_start_matches("/api/v1").to_owned(),
                    operation: operation.clone(),
                });
            }
        }
    }
    routes
}

#[tokio::test]
async fn token_then_ids_then_input_then_existence_then_ownership_are_checked_on_every_route() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("To the sea").await;
    let marker = ann.marker(&journey, "plan", [1.0, 2.0], "2026-06-01").await;
    let anns = Ids {
        user: ann.id(),
        journey: &journey,
        marker: &marker,
    };
    let (mut with_ids, mut owned) = (0, 0);
    for route in routes(&app).await {
        let (malformed, unknown) = (Ids::all("x"), Ids::all(UNKNOWN));
        let answer = route.send(&app, &app.anonymous(), &malformed, false).await;
        route.is(&answer, 401, "not_authenticated");
        if route.has_ids() {
            let answer = route.send(&app, &bob, &malformed, false).await;
            route.is(&answer, 400, "invalid_id");
            with_ids += 1;
        }
        if route.reads_input() {
            let answer = route.send(&app, &bob, &unknown, false).await;
            route.is(&answer, 422, "validation");
        }
        if route.has_ids() {
            let missing = if route.path.starts_with("/users") {
                "user_not_found"
            } else {
                "journey_not_found"
            };
            let answer = route.send(&app, &bob, &unknown, true).await;
            route.is(&answer, 404, missing);
        }
        if route.is_for_the_owner() {
            let not_yours = if route.path.starts_with("/users") || route.path == "/journeys/" {
                "not_your_account"
            } else {
                "not_your_journey"
            };
            let answer = route.send(&app, &bob, &anns, true).await;
            route.is(&answer, 403, not_yours);
            owned += 1;
        }
    }
    assert!(with_ids > 15 && owned > 10, "{with_ids} with ids, {owned} owned");
}

#[tokio::test]
async fn the_state_is_checked_last() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = format!("/journeys/{}", ann.journey("To the sea").await);
    let broken_state = json!({"active": true, "completed": true});
    bob.patch_json(&journey, broken_state.clone())
        .await
        .refuses(403, "Not your journey");
    ann.patch_json(&journey, broken_state)
        .await
        .refuses(409, "A completed journey cannot be active");
    let taken = json!({"name": "Ann", "email": bob.email(), "password": "x"});
    bob.put(&format!("/users/{}", ann.id()), taken.clone())
        .await
        .refuses(403, "Not your account");
    ann.put(&format!("/users/{}", ann.id()), taken).await.expect(400);
    let private = json!({"name": "To the sea", "visibility": "private"});
    ann.put(&journey, private).await.expect(200);
    bob.get(&format!("{journey}/encounters"))
        .await
        .refuses(404, "Journey not found");
    ann.get(&format!("{journey}/encounters"))
        .await
        .refuses(409, "Encounters are for public journeys");
}
