//! The answers that many routes share.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::{Ref, RefOr, Response, ResponseBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::errors;
use super::schemas::Schemas;
use super::validation_example::validation_example;
use crate::error::ApiError;
use crate::error_code::ErrorCode;
use crate::extract::malformed_id;
use crate::routes::users::view::RiderResponse;
use crate::schemas::{Journey, LineFeature, LineSummary, Marker, User};

/// Adds the answers that follow from the token, path ids, query, headers and body of an operation.
pub(super) fn add_to(operation: &mut Operation, schemas: &Schemas<'_>) {
    let parameters = operation.parameters.iter().flatten();
    let has = |is_meant: &dyn Fn(&Parameter) -> bool| {
        parameters.clone().any(|parameter| match parameter {
            RefOr::T(parameter) => is_meant(parameter),
            RefOr::Ref(_) => false,
        })
    };
    let first_id = parameters.clone().find_map(|parameter| match parameter {
        RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Path => {
            Some(malformed_id(&parameter.name))
        }
        _ => None,
    });
    let has_query = has(&|parameter| parameter.parameter_in == ParameterIn::Query);
    let has_header = |name| has(&|parameter| parameter.name == name);
    let has_key = has_header("Idempotency-Key");
    let has_body = operation.request_body.is_some();
    let security = operation.security.as_ref();
    let is_secured = security.is_some_and(|schemes| !schemes.is_empty());
    let validation = (has_body || has_query).then(|| validation_example(operation, schemas));
    let common: [(bool, &[ErrorCode]); 5] = [
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
        let unchanged =
            ResponseBuilder::new().description("The resource has one of the tags of `If-None-Match`");
        let answers = &mut operation.responses.responses;
        answers.insert("304".to_owned(), unchanged.build().into());
    }
    let codes = common
        .iter()
        .filter(|(applies, _)| *applies)
        .flat_map(|(_, codes)| *codes);
    let common = codes.map(|code| ApiError::from(*code));
    for error in first_id.into_iter().chain(validation).chain(common) {
        errors::add(&mut operation.responses.responses, &error);
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
        LineFeature::name(),
        LineSummary::name(),
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
                "Tag of the state of the resource, for `If-None-Match` and `If-Match`",
            ));
        let headers = &mut answer.headers;
        headers.insert("ETag".to_owned(), RefOr::T(header.build()));
    }
}
