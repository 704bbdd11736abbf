//! The error answers of a route, as the table of errors describes them.

use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::schema::OneOfBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};

use crate::error::{ApiError, ErrorDetail, HttpValidationError};
use crate::error_code::ErrorCode;

/// Declares the errors of a route beyond the common ones. The route lists `Errors` among its `responses`.
macro_rules! documented_errors {
    ($($code:ident),+ $(,)?) => {
        enum Errors {}

        impl utoipa::IntoResponses for Errors {
            fn responses() -> $crate::openapi::Responses {
                $crate::openapi::error_responses(&[$($crate::ErrorCode::$code),+])
            }
        }
    };
}

pub(crate) use documented_errors;

/// The answers of a route, by status.
pub(crate) type Responses = BTreeMap<String, RefOr<Response>>;

/// Returns the answers that describe errors, by status.
pub(crate) fn error_responses(codes: &[ErrorCode]) -> Responses {
    let mut responses = Responses::new();
    for code in codes {
        add(&mut responses, &(*code).into());
    }
    responses
}

/// Adds an error to the answers of a route, with the error itself as the example.
pub(super) fn add(responses: &mut Responses, error: &ApiError) {
    let code = error.code();
    let description = format!("`{}` ({})", code.word(), code.detail());
    // Strings and numbers always serialise.
    let body = serde_json::to_value(error.body()).unwrap_or_default();
    let example = ExampleBuilder::new()
        .summary(code.meaning())
        .value(Some(body))
        .build();
    let schema = match code {
        ErrorCode::Validation => HttpValidationError::name(),
        _ => ErrorDetail::name(),
    };
    let schema = RefOr::from(Ref::from_schema_name(schema));
    let status = code.status().as_str().to_owned();
    if let Some(RefOr::T(response)) = responses.get_mut(&status) {
        response.description = format!("{}, {description}", response.description);
        for content in response.content.values_mut() {
            if let RefOr::T(content) = content {
                content.schema = content.schema.take().map(|known| either(known, &schema));
                let examples = &mut content.examples;
                examples.insert(code.word().to_owned(), example.clone().into());
            }
        }
        return;
    }
    let content = ContentBuilder::new()
        .schema(Some(schema))
        .examples_from_iter([(code.word(), example)]);
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content.build());
    responses.insert(status, response.build().into());
}

/// Returns a schema that accepts either of two schemas.
fn either(known: RefOr<Schema>, other: &RefOr<Schema>) -> RefOr<Schema> {
    match known {
        known if known == *other => known,
        RefOr::T(Schema::OneOf(choice)) if choice.items.contains(other) => Schema::OneOf(choice).into(),
        known => OneOfBuilder::new().item(known).item(other.clone()).into(),
    }
}
