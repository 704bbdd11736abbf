use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An id in the document, for lists of ids. Single ids are recognised by their names.
pub(crate) enum Id {}

impl Id {
    /// 24 hexadecimal digits. Answers have them in lower case.
    pub(crate) const PATTERN: &str = "^[0-9a-fA-F]{24}$";
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        let id = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(Self::PATTERN));
        id.build().into()
    }
}

impl ToSchema for Id {}
