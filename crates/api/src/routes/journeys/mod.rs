//! Journeys.

pub(crate) mod complete;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod stats;
pub(crate) mod toggle_active;
pub(crate) mod update;
pub(crate) mod view;
