//! The answers that many routes have in common.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::OneOfBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::error::{ErrorDetail, HttpValidationError};
use crate::routes::users::view::RiderResponse;
use crate::schemas::{Journey, Marker, User};

/// Adds to an operation what follows from its parts: a token, ids in the path, headers, a body.
pub(super) fn add_to(operation: &mut Operation) {
    let parameters = operation.parameters.iter().flatten();
    let has = |is_meant: &dyn Fn(&Parameter) -> bool| {
        parameters.clone().any(|parameter| match parameter {
            RefOr::T(parameter) => is_meant(parameter),
            RefOr::Ref(_) => false,
        })
    };
    let has_ids = has(&|parameter| parameter.parameter_in == ParameterIn::Path);
    let has_query = has(&|parameter| parameter.parameter_in == ParameterIn::Query);
    let has_header = |name| has(&|parameter| parameter.name == name);
    let has_key = has_header("Idempotency-Key");
    let has_body = operation.request_body.is_some();
    let security = operation.security.as_ref();
    let is_secured = security.is_some_and(|schemes| !schemes.is_empty());
    let (error, faults) = (&*ErrorDetail::name(), &*HttpValidationError::name());
    let answers = [
        (
            has_header("If-None-Match"),
            "304",
            "The resource is as the reader has seen it",
            None,
        ),
        (
            has_ids,
            "400",
            "An id in the path is malformed: `Invalid user ID format`, `Invalid journey ID format`, `Invalid marker ID format`",
            Some(error),
        ),
        (
            is_secured,
            "401",
            "`Not authenticated`, `Access token has expired`, `User not found`, `Access token has been revoked`",
            Some(error),
        ),
        (is_secured, "403", "`Could not validate credentials`", Some(error)),
        (has_body, "408", "The body did not arrive in time", Some(error)),
        (
            has_key,
            "409",
            "`A request with this Idempotency-Key is still being carried out`: `Retry-After` says when to ask again",
            Some(error),
        ),
        (
            has_header("If-Match"),
            "412",
            "`It was changed meanwhile`: the resource has none of the tags of `If-Match`",
            Some(error),
        ),
        (has_body, "413", "The body is larger than 1 MiB", Some(error)),
        (
            has_body,
            "415",
            "The body is of another content type",
            Some(error),
        ),
        (
            has_key,
            "422",
            "`This Idempotency-Key was used for another request`",
            Some(error),
        ),
        (
            has_body || has_query,
            "422",
            "Everything that is wrong with the query and the body",
            Some(faults),
        ),
        (
            true,
            "503",
            "The database does not answer, or the server is over its bounds; `Retry-After` says when to ask again",
            Some(error),
        ),
    ];
    for (applies, status, description, schema) in answers {
        if applies {
            add(operation, status, description, schema);
        }
    }
    for (status, answer) in &mut operation.responses.responses {
        add_tag(status, answer);
    }
}

/// Adds an answer. If the route has one of this status itself, its description comes first.
fn add(operation: &mut Operation, status: &str, description: &str, schema: Option<&str>) {
    let schema = schema.map(|name| RefOr::from(Ref::from_schema_name(name)));
    let answers = &mut operation.responses.responses;
    if let Some(RefOr::T(own)) = answers.get_mut(status) {
        own.description = format!("{}. {description}", own.description);
        for content in own.content.values_mut() {
            let RefOr::T(content) = content else { continue };
            if content.schema != schema {
                let both = [content.schema.take(), schema.clone()];
                let either = both
                    .into_iter()
                    .flatten()
                    .fold(OneOfBuilder::new(), OneOfBuilder::item);
                content.schema = Some(either.into());
            }
        }
        return;
    }
    let mut answer = ResponseBuilder::new().description(description);
    if schema.is_some() {
        answer = answer.content("application/json", ContentBuilder::new().schema(schema).build());
    }
    answers.insert(status.to_owned(), RefOr::T(answer.build()));
}

/// Adds the `ETag` to an answer that gives a single resource.
fn add_tag(status: &str, answer: &mut RefOr<Response>) {
    let RefOr::T(answer) = answer else { return };
    let tagged = [
        Journey::name(),
        Marker::name(),
        User::name(),
        RiderResponse::name(),
    ];
    let tagged = tagged.map(|name| RefOr::<Schema>::from(Ref::from_schema_name(name)));
    let gives_a_resource = answer.content.values().any(|content| match content {
        RefOr::T(content) => content
            .schema
            .as_ref()
            .is_some_and(|schema| tagged.contains(schema)),
        RefOr::Ref(_) => false,
    });
    if gives_a_resource || status == "304" {
        let header = HeaderBuilder::new()
            .schema(Some(String::schema()))
            .description(Some(
                "The state of the resource, for `If-None-Match` and `If-Match`",
            ));
        let headers = &mut answer.headers;
        headers.insert("ETag".to_owned(), RefOr::T(header.build()));
    }
}
