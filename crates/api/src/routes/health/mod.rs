//! Signs of life.

pub(crate) mod ping;
pub(crate) mod ping_store;
pub(crate) mod state;
