use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{RefOr, Required, Schema};

use super::schemas::Schemas;
use crate::error::ApiError;
use crate::extract::{Objection, Part, RawValue, ValidationError, parsers};

/// Returns a validation error that an operation really gives, made by its parsers.
pub(super) fn validation_example(operation: &Operation, schemas: &Schemas<'_>) -> ApiError {
    let body = match &operation.request_body {
        Some(RefOr::T(body)) => body.content.values().next(),
        _ => None,
    };
    let error = match body {
        Some(RefOr::T(body)) => of_body(body.schema.as_ref().and_then(|schema| schemas.resolve(schema))),
        _ => of_query(operation),
    };
    ApiError::validation(vec![error])
}

/// Returns the error of a body without its first required field; of another body, that of a value of another
/// kind.
fn of_body(schema: Option<&Schema>) -> ValidationError {
    match schema {
        Some(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Object) => {
            match object.required.first() {
                Some(field) => Objection::missing().at(Part::Body, field.clone(), None),
                None => ValidationError::no_object(),
            }
        }
        _ => Objection::missing().of_whole(Part::Body, None),
    }
}

/// Returns the error of a query without a required parameter; of another query, that of a malformed value.
fn of_query(operation: &Operation) -> ValidationError {
    let mut parameters = operation
        .parameters
        .iter()
        .flatten()
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(parameter),
            _ => None,
        });
    let required = parameters
        .clone()
        .find(|parameter| parameter.required == Required::True);
    if let Some(parameter) = required {
        return Objection::missing().at(Part::Query, parameter.name.clone(), None);
    }
    match parameters.find_map(|parameter| Some((parameter, objection(parameter)?))) {
        Some((parameter, objection)) => {
            objection.at(Part::Query, parameter.name.clone(), Some(&MALFORMED.into()))
        }
        None => Objection::missing().of_whole(Part::Query, None),
    }
}

/// A value that is neither a number nor a boolean.
const MALFORMED: &str = "many";

/// Returns the objection to a malformed value of a parameter.
fn objection(parameter: &Parameter) -> Option<Objection> {
    let Some(RefOr::T(Schema::Object(schema))) = &parameter.schema else {
        return None;
    };
    let raw = RawValue::Text(MALFORMED);
    match &schema.schema_type {
        SchemaType::Type(Type::Integer) => parsers::integer(0..=0)(raw).err(),
        SchemaType::Type(Type::Number) => parsers::number(0.0..=0.0)(raw).err(),
        SchemaType::Type(Type::Boolean) => parsers::boolean(raw).err(),
        _ => None,
    }
}
