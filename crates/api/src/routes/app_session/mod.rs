//! The session of the web app: the refresh token is in a cookie that no script can read.
//!
//! The routes are for the web app alone, so the OpenAPI document does not list them.

mod begin;
mod cookie;
mod end;
mod refresh;

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use kairos_domain::Kairos;
use kairos_domain::accounts::SessionTokens;
use serde::Serialize;

use crate::extract::Json;
use cookie::SessionCookie;

/// The state of the routes.
#[derive(Clone)]
struct AppSession {
    kairos: Arc<Kairos>,
    cookie: SessionCookie,
}

/// Returns the routes of the session.
pub(crate) fn router(kairos: Arc<Kairos>, is_https: bool) -> Router {
    Router::new()
        .route("/app/session", post(begin::begin).delete(end::end))
        .route("/app/session/refresh", post(refresh::refresh))
        .with_state(AppSession {
            kairos,
            cookie: SessionCookie::new(is_https),
        })
}

/// The tokens of a session, without the refresh token.
#[derive(Serialize)]
struct AccessToken {
    access_token: String,
    /// The lifetime of the token, in seconds.
    expires_in: i64,
}

/// Answers with the access token in the body and the refresh token in the cookie.
fn answer(cookie: SessionCookie, tokens: SessionTokens) -> Response {
    let set_cookie = cookie.set(&tokens.refresh_token, tokens.lifetimes.refresh);
    let body = AccessToken {
        access_token: tokens.access_token,
        expires_in: tokens.lifetimes.access.num_seconds(),
    };
    (set_cookie, Json(body)).into_response()
}
