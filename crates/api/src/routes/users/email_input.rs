use kairos_domain::email_address::EmailAddress;
use utoipa::ToSchema;

use crate::extract::{Fields, Input, parsers};

/// The address that a mail should go to.
#[derive(ToSchema)]
#[schema(as = EmailRequest)]
pub(crate) struct EmailInput {
    #[schema(value_type = String, format = Email, max_length = 254)]
    pub(super) email: EmailAddress,
}

impl Input for EmailInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", parsers::email_address);
        Some(Self { email: email? })
    }
}
