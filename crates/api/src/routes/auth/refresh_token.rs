use utoipa::ToSchema;

use crate::extract::{Fields, Input, parsers};

/// The refresh token of a session.
#[derive(ToSchema)]
pub(crate) struct RefreshToken {
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
