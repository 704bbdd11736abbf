//! Markers on a journey.

pub(crate) mod add;
pub(crate) mod delete;
pub(crate) mod list;
mod marker_input;
pub(crate) mod patch;
pub(crate) mod put_markers;
mod stored_texts;
pub(crate) mod update;
pub(crate) mod view;
