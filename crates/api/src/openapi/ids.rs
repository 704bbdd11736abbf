//! The form of ids, which the document recognises by their names.

use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{RefOr, Schema};

use crate::schemas::Id;

/// Says what the parameters of an operation that are ids look like, and what those in the path identify.
pub(super) fn describe_parameters(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        if let Some(schema) = &mut parameter.schema {
            set_form(&parameter.name, schema);
        }
        if parameter.parameter_in == ParameterIn::Path && parameter.description.is_none() {
            let what = parameter.name.trim_end_matches("_id");
            let what = if what == "user" { "rider" } else { what };
            parameter.description = Some(format!("Id of the {what}, 24 hexadecimal digits."));
        }
    }
}

/// Gives the schema of an id its pattern. Other schemas stay unchanged.
pub(super) fn set_form(name: &str, schema: &mut RefOr<Schema>) {
    let is_id = name == "after" || name == "_id" || name.ends_with("_id");
    if is_id && let RefOr::T(Schema::Object(text)) = schema {
        text.pattern = Some(Id::PATTERN.to_owned());
    }
}
