//! Signing in and out.

mod access_tokens;
mod app_session;
mod log_in;
mod refresh;

use crate::it::support::{App, SECRET};
use chrono::TimeDelta;
use kairos_api::JwtCodec;
use kairos_domain::clock::Clock as _;
use kairos_domain::token::{Claims, OwnClaims, Scope, TokenCodec as _};

/// A token as the earlier service made it: with nothing but its end, its subject and its scope.
fn earlier_token(app: &App, scope: Scope, subject: &str, lifetime: TimeDelta) -> String {
    let expires_at = app.clock.now() + lifetime;
    JwtCodec::new(SECRET).sign(&Claims {
        scope,
        subject: subject.to_owned(),
        expires_at,
        own: None::<OwnClaims>,
    })
}
