//! The schemas of the document, looked up and completed.

use std::collections::BTreeMap;
use std::mem;

use serde_json::Value;
use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::{RefOr, Schema};

use super::ids;

/// The schemas of the document by name.
pub(super) struct Schemas<'a>(pub(super) &'a BTreeMap<String, RefOr<Schema>>);

impl<'a> Schemas<'a> {
    /// Returns a schema itself; of an optional body, the schema of the body.
    pub(super) fn resolve(&self, schema: &'a RefOr<Schema>) -> Option<&'a Schema> {
        match schema {
            RefOr::Ref(reference) => {
                let name = reference.ref_location.strip_prefix("#/components/schemas/")?;
                self.resolve(self.0.get(name)?)
            }
            RefOr::T(Schema::OneOf(choice)) => self.resolve(choice.items.first()?),
            RefOr::T(schema) => Some(schema),
        }
    }

    /// Returns the example of a schema; of a list, one with a single item.
    pub(super) fn example(&self, schema: &'a RefOr<Schema>) -> Option<Value> {
        match self.resolve(schema)? {
            Schema::Object(object) if object.enum_values == Some(vec![Value::Null]) => Some(Value::Null),
            Schema::Object(object) => object.example.clone(),
            Schema::AllOf(parts) => parts.example.clone(),
            Schema::AnyOf(choice) => self.example(choice.items.first()?),
            Schema::Array(list) => match &list.items {
                ArrayItems::RefOrSchema(item) => Some(Value::Array(vec![self.example(item)?])),
                ArrayItems::False => None,
            },
            _ => None,
        }
    }
}

/// Gives ids their pattern, and fields their part of the example of the schema, from which documentation pages fill
/// in forms. Lifts the descriptions of nullable fields to where such pages show them.
pub(super) fn complete_fields(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    for schema in schemas.values_mut() {
        let RefOr::T(Schema::Object(object)) = schema else {
            continue;
        };
        for (name, field) in &mut object.properties {
            ids::set_form(name, field);
            if let RefOr::T(Schema::Object(field)) = field
                && let Some(example) = object.example.as_ref().and_then(|example| example.get(name))
                && !example.is_null()
            {
                field.example = Some(example.clone());
            }
            if let RefOr::T(Schema::OneOf(choice)) = field
                && choice.description.is_none()
                && let Some(RefOr::Ref(reference)) = choice.items.first_mut()
            {
                choice.description = Some(mem::take(&mut reference.description));
            }
        }
    }
}
