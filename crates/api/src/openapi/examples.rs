//! The examples of requests and answers.
//!
//! Each request and each answer takes the example of its schema, unless its route names others.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, RefOr};

use super::schemas::Schemas;

/// Adds the examples of an operation.
pub(super) fn add_to(operation: &mut Operation, schemas: &Schemas<'_>) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content
            .values_mut()
            .for_each(|content| add(content, schemas));
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response
                .content
                .values_mut()
                .for_each(|content| add(content, schemas));
        }
    }
}

fn add(content: &mut RefOr<Content>, schemas: &Schemas<'_>) {
    let RefOr::T(content) = content else { return };
    if content.example.is_none() && content.examples.is_empty() {
        content.example = content.schema.as_ref().and_then(|schema| schemas.example(schema));
    }
}
