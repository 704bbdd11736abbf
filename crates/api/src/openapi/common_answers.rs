//! The answers that many routes share.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::{Ref, RefOr, Response, ResponseBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::errors;
use crate::error_code::ErrorCode;
use crate::routes::users::view::RiderResponse;
use crate::schemas::{Journey, Marker, User};

/// Adds the answers that follow from the token, path ids, query, headers and body of an operation.
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
    let common: [(bool, &[ErrorCode]); 7] = [
        (has_ids, &[ErrorCode::InvalidId]),
        (
            is_secured,
            &[
                ErrorCode::NotAuthenticated,
                ErrorCode::TokenExpired,
                ErrorCode::RiderGone,
                ErrorCode::TokenRevoked,
                ErrorCode::InvalidToken,
            ],
        ),
        (
            has_body,
            &[
                ErrorCode::IncompleteBody,
                ErrorCode::Timeout,
                ErrorCode::BodyTooLarge,
                ErrorCode::UnsupportedMediaType,
            ],
        ),
        (
            has_key,
            &[ErrorCode::IdempotencyKeyBusy, ErrorCode::IdempotencyKeyReused],
        ),
        (has_header("If-Match"), &[ErrorCode::ChangedMeanwhile]),
        (has_body || has_query, &[ErrorCode::Validation]),
        (
            true,
            &[
                ErrorCode::DatabaseUnavailable,
                ErrorCode::DiskFull,
                ErrorCode::DatabaseMoved,
                ErrorCode::TooSlow,
                ErrorCode::Overloaded,
            ],
        ),
    ];
    if has_header("If-None-Match") {
        let unchanged = ResponseBuilder::new().description("The resource is as the reader has seen it");
        let answers = &mut operation.responses.responses;
        answers.insert("304".to_owned(), unchanged.build().into());
    }
    for code in common
        .iter()
        .filter(|(applies, _)| *applies)
        .flat_map(|(_, codes)| *codes)
    {
        errors::add(&mut operation.responses.responses, *code);
    }
    for (status, answer) in &mut operation.responses.responses {
        add_tag(status, answer);
    }
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
