use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, header};
use serde_json::Value;

use super::{Answer, App};

/// Somebody who uses the service.
pub(crate) struct Actor<'a> {
    app: &'a App,
    address: IpAddr,
    email: String,
    id: String,
    access_token: Option<String>,
    refresh_token: String,
}

impl<'a> Actor<'a> {
    pub(super) fn anonymous(app: &'a App) -> Self {
        Self {
            app,
            address: Ipv4Addr::LOCALHOST.into(),
            email: String::new(),
            id: String::new(),
            access_token: None,
            refresh_token: String::new(),
        }
    }

    pub(super) async fn signed_in(app: &'a App, email: &str, tokens: &Value) -> Self {
        let mut actor = Self::with_token(app, tokens["access_token"].as_str().unwrap());
        actor.email = email.to_owned();
        actor.refresh_token = tokens["refresh_token"].as_str().unwrap().to_owned();
        actor.id = actor.get("/users/me").await.expect(200).id();
        actor
    }

    /// Whoever holds this access token.
    pub(crate) fn with_token(app: &'a App, token: &str) -> Self {
        Self {
            access_token: Some(token.to_owned()),
            ..Self::anonymous(app)
        }
    }

    /// The same, at another address.
    pub(crate) fn at(self, address: &str) -> Self {
        Self {
            address: address.parse().unwrap(),
            ..self
        }
    }

    pub(crate) fn email(&self) -> &str {
        &self.email
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn access_token(&self) -> &str {
        self.access_token.as_deref().unwrap_or_default()
    }

    pub(crate) fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    /// A request of this actor's to a path below `/api/v1`.
    pub(crate) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .extension(ConnectInfo(SocketAddr::new(self.address, 40_000)));
        match &self.access_token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    /// Sends a request with headers of its own.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        json: Option<Value>,
    ) -> Answer {
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        let body = json.map_or_else(Body::empty, |json| Body::from(json.to_string()));
        self.app.send(request.body(body).unwrap()).await
    }

    /// Sends a file as the whole body, with headers of its own.
    pub(crate) async fn send_file(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        file: impl Into<Body>,
    ) -> Answer {
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        self.app.send(request.body(file.into()).unwrap()).await
    }

    /// Puts a file as the whole body.
    pub(crate) async fn put_file(&self, path: &str, file: impl Into<Body>) -> Answer {
        self.send_file(Method::PUT, path, &[], file).await
    }

    /// Posts a file as the whole body.
    pub(crate) async fn post_file(&self, path: &str, file: impl Into<Body>) -> Answer {
        self.send_file(Method::POST, path, &[], file).await
    }

    async fn send_empty(&self, method: Method, path: &str) -> Answer {
        self.app
            .send(self.request(method, path).body(Body::empty()).unwrap())
            .await
    }

    async fn send_json(&self, method: Method, path: &str, json: Value) -> Answer {
        let request = self
            .request(method, path)
            .header(header::CONTENT_TYPE, "application/json");
        self.app
            .send(request.body(Body::from(json.to_string())).unwrap())
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send_empty(Method::GET, path).await
    }

    /// Gets a page, which is not below `/api/v1`.
    pub(crate) async fn get_page(&self, path: &str) -> Answer {
        let request = Request::builder().uri(path);
        self.app.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send_empty(Method::DELETE, path).await
    }

    pub(crate) async fn patch(&self, path: &str) -> Answer {
        self.send_empty(Method::PATCH, path).await
    }

    pub(crate) async fn patch_json(&self, path: &str, json: Value) -> Answer {
        self.send_json(Method::PATCH, path, json).await
    }

    pub(crate) async fn post_empty(&self, path: &str) -> Answer {
        self.send_empty(Method::POST, path).await
    }

    pub(crate) async fn post(&self, path: &str, json: Value) -> Answer {
        self.send_json(Method::POST, path, json).await
    }

    pub(crate) async fn put(&self, path: &str, json: Value) -> Answer {
        self.send_json(Method::PUT, path, json).await
    }

    /// Posts an urlencoded form.
    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self.request(Method::POST, path);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.app.send(request.body(Body::from(form)).unwrap()).await
    }

    /// Creates a journey and returns its id.
    pub(crate) async fn journey(&self, name: &str) -> String {
        self.post("/journeys/", serde_json::json!({"name": name}))
            .await
            .expect(201)
            .id()
    }

    /// Puts a dated marker on a journey and returns its id. The kind is `past` or `plan`.
    pub(crate) async fn marker(&self, journey: &str, kind: &str, lon_lat: [f64; 2], day: &str) -> String {
        let field = if kind == "past" {
            "timestamp"
        } else {
            "estimated_time"
        };
        let marker = serde_json::json!({
            "name": format!("{kind} {day}"),
            "marker_type": kind,
            "coordinates": {"type": "Point", "coordinates": lon_lat},
            field: day,
        });
        self.post(&format!("/journeys/{journey}/markers"), marker)
            .await
            .expect(201)
            .id()
    }
}
