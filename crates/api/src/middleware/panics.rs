use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::error::ApiError;
use crate::error_code::ErrorCode;

/// A handler panicked: a defect, but one that affects a single request only.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
pub(super) fn answer(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    ApiError::from(ErrorCode::Internal)
        .because(Panicked(text.unwrap_or_default()))
        .into_response()
}
