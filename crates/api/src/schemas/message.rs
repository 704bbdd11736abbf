use serde::Serialize;
use utoipa::ToSchema;

/// One sentence that says what was done.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"message": "Email verified successfully."}))]
pub(crate) struct MessageResponse {
    /// The sentence.
    message: &'static str,
}

impl MessageResponse {
    pub(crate) const fn new(message: &'static str) -> Self {
        Self { message }
    }
}
