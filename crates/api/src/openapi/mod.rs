//! The OpenAPI document.
//!
//! A route documents its own answers. This module adds the answers that many routes share, from their
//! properties: a token, ids in the path, a body.

mod common_answers;
mod errors;

use std::future::ready;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use ring::digest::{SHA256, digest};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Flow, OAuth2, Password, Scopes, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, Info, OpenApi, OpenApiBuilder, OpenApiVersion, PathItem, Server};
use utoipa::{PartialSchema, ToSchema};

use crate::error::{ErrorDetail, HttpValidationError};
use crate::error_code::ErrorCode;
use crate::router;
use crate::routes::pages::{Encodings, Unchanging};

pub(crate) use errors::{Responses, documented_errors, error_responses};

const DESCRIPTION: &str = "Journeys of bikepackers: where they have been, where they mean to go, and whom they \
    will meet on the way.\n\nSign in with **Authorize**. All distances are metres along the great circle. Dates have no time zone; *today* is the day in UTC.";

/// Returns the complete document without starting a service.
#[must_use]
pub fn openapi(project_name: &str) -> OpenApi {
    complete(router::api().into_openapi(), project_name)
}

/// Returns the document before any route is added.
pub(crate) fn frame() -> OpenApi {
    // The URL is relative to the server of the document.
    let token_url = "api/v1/auth/token";
    let flow = Flow::Password(Password::new(token_url, Scopes::new()));
    let mut schemas = Vec::new();
    HttpValidationError::schemas(&mut schemas);
    let components = ComponentsBuilder::new()
        .security_scheme(
            "OAuth2PasswordBearer",
            SecurityScheme::OAuth2(OAuth2::new([flow])),
        )
        .schema(HttpValidationError::name(), HttpValidationError::schema())
        .schema(ErrorDetail::name(), ErrorDetail::schema())
        .schema(ErrorCode::name(), ErrorCode::schema())
        .schemas_from_iter(schemas);
    OpenApiBuilder::new().components(Some(components.build())).build()
}

/// Adds the title, the version, the server, and the answers that many routes share.
pub(crate) fn complete(mut document: OpenApi, project_name: &str) -> OpenApi {
    document.openapi = OpenApiVersion::Version31;
    document.info = Info::new(project_name, env!("CARGO_PKG_VERSION"));
    // The URL is relative to the document, because a proxy may strip a prefix.
    document.servers = Some(vec![Server::new("../..")]);
    document.info.description = Some(DESCRIPTION.to_owned());
    for path in document.paths.paths.values_mut() {
        operations(path).for_each(common_answers::add_to);
    }
    document
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get,
        put,
        post,
        patch,
        delete,
        ..
    } = path;
    [get, put, post, patch, delete].into_iter().flatten()
}

/// The document as it is served, serialised once.
pub(crate) struct Document(Unchanging);

impl Document {
    pub(crate) fn new(document: &OpenApi) -> Self {
        // A document of maps, strings and numbers always serialises.
        let plain = serde_json::to_vec(document).unwrap_or_default();
        let hash = digest(&SHA256, &plain);
        let hash = hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}"));
        Self(Unchanging {
            content_type: "application/json",
            hash: hash.collect(),
            encodings: Encodings::MadeOnce {
                plain: plain.into(),
                gzip: OnceLock::new(),
            },
        })
    }

    pub(crate) fn router(self) -> Router {
        let content = Arc::new(self.0);
        let answer = get(move |headers: HeaderMap| ready(content.answer(&headers, "no-cache")));
        Router::new().route("/api/v1/openapi.json", answer)
    }
}
