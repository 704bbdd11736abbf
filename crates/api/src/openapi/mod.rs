//! The OpenAPI document.
//!
//! A route documents its own answers. This module adds the answers that many routes share, from their
//! properties: a token, ids in the path, a body.

mod common_answers;
mod errors;
mod examples;
pub(crate) mod file_examples;
mod ids;
mod schemas;
mod validation_example;

use std::future::ready;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use kairos_web::{Encodings, Unchanging};
use ring::digest::{SHA256, digest};
use utoipa::openapi::info::LicenseBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Flow, OAuth2, Password, Scopes, SecurityScheme};
use utoipa::openapi::server::ServerBuilder;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, OpenApiVersion, PathItem};
use utoipa::{PartialSchema, ToSchema};

use crate::error::{ErrorDetail, HttpValidationError};
use crate::error_code::ErrorCode;
use crate::router;

use schemas::Schemas;

pub(crate) use errors::{Responses, documented_errors, error_responses};

const DESCRIPTION: &str = "Journeys of bikepackers: where they have been, where they mean to go, and whom they \
    will meet on the way.\n\n\
    **To try it**, register, log in with **Authorize**, and create a journey. The examples fit together.\n\n\
    - Positions are GeoJSON: longitude and latitude in degrees (WGS 84), then an elevation in metres.\n\
    - Distances are metres along the great circle.\n\
    - A date is `YYYY-MM-DD`. Days begin and end in UTC, and so does *today*. Times are RFC 3339 in UTC.\n\
    - Ids are 24 hexadecimal digits.\n\
    - Every error has a `code` for programs and a `detail` for people.";

/// The tags in the order in which a client needs them, with what their routes are for.
const TAGS: [(&str, &str); 4] = [
    ("authentication", "Log in, continue a session, log out."),
    (
        "users",
        "Register, verify an address, set a new password, read and change profiles, list a rider's journeys.",
    ),
    (
        "journeys",
        "Create journeys, put markers on them, and find out who comes near, in space and in time.",
    ),
    ("places", "Search towns by name or by distance."),
];

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

/// Adds what the document says of the service, what many routes share, and the examples.
pub(crate) fn complete(mut document: OpenApi, project_name: &str) -> OpenApi {
    const LICENCE: &str = env!("CARGO_PKG_LICENSE");
    document.openapi = OpenApiVersion::Version31;
    document.info = InfoBuilder::new()
        .title(project_name)
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(
            LicenseBuilder::new()
                .name(LICENCE)
                .identifier(Some(LICENCE))
                .build(),
        ))
        .build();
    // The URL is relative to the document, because a proxy may strip a prefix.
    let server = ServerBuilder::new()
        .url("../..")
        .description(Some("The server of this document"));
    document.servers = Some(vec![server.build()]);
    let tags = TAGS.map(|(name, description)| {
        TagBuilder::new()
            .name(name)
            .description(Some(description))
            .build()
    });
    document.tags = Some(tags.into());
    let mut components = document.components.take().unwrap_or_default();
    schemas::complete_fields(&mut components.schemas);
    let schemas = Schemas(&components.schemas);
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        // Without a list, generators can't tell an open route from one whose security is not described.
        operation.security.get_or_insert_default();
        ids::describe_parameters(operation);
        common_answers::add_to(operation, &schemas);
        examples::add_to(operation, &schemas);
    }
    document.components = Some(components);
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
