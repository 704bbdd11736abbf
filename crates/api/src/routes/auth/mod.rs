//! Signing in and out.

pub(crate) mod log_in;
pub(crate) mod log_out;
pub(crate) mod refresh;
mod refresh_token;
