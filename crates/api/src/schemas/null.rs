use serde::Serialize;
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// `null`: all there is to say to somebody whom more would tell whether an account exists.
///
/// The unit type would do, were it not documented as a value of any type.
#[derive(Serialize)]
pub(crate) struct Null;

impl PartialSchema for Null {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Null))
            .build()
            .into()
    }
}

impl ToSchema for Null {}
