use utoipa::ToSchema;

use crate::extract::{Fields, Input, parsers};

/// The refresh token of a session.
#[derive(ToSchema)]
#[schema(example = json!({"refresh_token": "eyJhbGciOiJIUzI1NiJ9.refresh.signature"}))]
pub(crate) struct RefreshToken {
    /// The last refresh token that the client received.
    pub(super) refresh_token: String,
}

impl Input for RefreshToken {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let refresh_token = fields.required("refresh_token", parsers::secret);
        Some(Self {
            refresh_token: refresh_token?,
        })
    }
}
