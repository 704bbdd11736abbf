//! The OpenAPI document. A route says what is its own; what many have in common is added here, once, from
//! what they are: signed in or not, with ids in the path, with a body.

use std::future::ready;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use ring::digest::{SHA256, digest};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{Flow, OAuth2, Password, Scopes, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApiVersion, ResponseBuilder};
use utoipa::openapi::{
    ContentBuilder, Info, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Response, Server,
};
use utoipa::{PartialSchema, ToSchema};

use crate::error::{ErrorDetail, HttpValidationError};
use crate::router;
use crate::routes::pages::{Encodings, Unchanging};

const DESCRIPTION: &str = "Journeys of bikepackers: where they have been, where they mean to go, and whom they \
    will meet on the way.\n\nSign in with **Authorize**. All distances are metres along the great circle; all days are UTC.";

/// The document, without serving anything.
#[must_use]
pub fn openapi(project_name: &str) -> OpenApi {
    complete(router::api().into_openapi(), project_name)
}

/// The document before any route is in it.
pub(crate) fn frame() -> OpenApi {
    // Relative to the server below.
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
        .schemas_from_iter(schemas);
    OpenApiBuilder::new().components(Some(components.build())).build()
}

/// Adds what no single route knows.
pub(crate) fn complete(mut document: OpenApi, project_name: &str) -> OpenApi {
    document.openapi = OpenApiVersion::Version31;
    document.info = Info::new(project_name, env!("CARGO_PKG_VERSION"));
    // Relative to the document: a proxy may strip a prefix.
    document.servers = Some(vec![Server::new("../..")]);
    document.info.description = Some(DESCRIPTION.to_owned());
    for path in document.paths.paths.values_mut() {
        operations(path).for_each(add_common_answers);
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

fn add_common_answers(operation: &mut Operation) {
    let parameters = operation.parameters.iter().flatten();
    let has_parameter_in = |place: &ParameterIn| {
        parameters.clone().any(|parameter| match parameter {
            RefOr::T(parameter) => parameter.parameter_in == *place,
            RefOr::Ref(_) => false,
        })
    };
    let (has_ids, has_query) = (
        has_parameter_in(&ParameterIn::Path),
        has_parameter_in(&ParameterIn::Query),
    );
    let has_body = operation.request_body.is_some();
    let is_secured = operation
        .security
        .as_ref()
        .is_some_and(|schemes| !schemes.is_empty());
    if has_ids {
        add(
            operation,
            "400",
            "An id in the path is malformed: `Invalid user ID format`, `Invalid journey ID format`, `Invalid marker ID format`",
            &ErrorDetail::name(),
        );
    }
    if is_secured {
        add(
            operation,
            "401",
            "`Not authenticated`, `Access token has expired`, `User not found`, `Access token has been revoked`",
            &ErrorDetail::name(),
        );
        add(
            operation,
            "403",
            "`Could not validate credentials`",
            &ErrorDetail::name(),
        );
    }
    if has_body {
        add(
            operation,
            "408",
            "The body did not arrive in time",
            &ErrorDetail::name(),
        );
        add(
            operation,
            "413",
            "The body is larger than 1 MiB",
            &ErrorDetail::name(),
        );
        add(
            operation,
            "415",
            "The body is of another content type",
            &ErrorDetail::name(),
        );
    }
    if has_body || has_query {
        add(
            operation,
            "422",
            "Everything that is wrong with the query and the body",
            &HttpValidationError::name(),
        );
    }
    add(
        operation,
        "503",
        "The database does not answer, or the server is over its bounds; `Retry-After` says when to ask again",
        &ErrorDetail::name(),
    );
}

/// Adds an answer; if the route has one of this status itself, what it says of it comes first.
fn add(operation: &mut Operation, status: &str, description: &str, schema: &str) {
    let answers = &mut operation.responses.responses;
    if let Some(RefOr::T(own)) = answers.get_mut(status) {
        own.description = format!("{}. {description}", own.description);
        return;
    }
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema)));
    let answer: Response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content.build())
        .build();
    answers.insert(status.to_owned(), RefOr::T(answer));
}

/// The document as it is served, written out once.
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
