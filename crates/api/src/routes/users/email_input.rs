use kairos_domain::email_address::EmailKey;
use utoipa::ToSchema;

use crate::extract::{Fields, Input, parsers};

/// The address that a mail is requested for. A text that is no address gets the same answer as an unknown
/// address.
#[derive(ToSchema)]
#[schema(as = EmailRequest, example = json!({"email": "ann@example.org"}))]
pub(crate) struct EmailInput {
    /// E-mail address of the account.
    #[schema(value_type = String, min_length = 1, max_length = 320)]
    pub(super) email: EmailKey,
}

impl Input for EmailInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", parsers::text_of(1..=320));
        Some(Self {
            email: EmailKey::of(&email?),
        })
    }
}
