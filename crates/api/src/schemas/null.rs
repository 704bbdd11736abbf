use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// `null`, for an answer that must not reveal whether an account exists.
///
/// The document describes the unit type as a value of any type.
#[derive(Serialize)]
pub(crate) struct Null;

impl PartialSchema for Null {
    fn schema() -> RefOr<Schema> {
        // Of the type `null`, openapi-generator makes a class that does not exist.
        let null = ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .enum_values(Some([Value::Null]))
            .description(Some("Always null."));
        null.build().into()
    }
}

impl ToSchema for Null {}
