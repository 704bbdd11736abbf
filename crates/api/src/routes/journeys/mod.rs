//! Journeys.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod patch;
pub(crate) mod stats;
mod stored_texts;
pub(crate) mod toggle_active;
pub(crate) mod update;
pub(crate) mod view;
