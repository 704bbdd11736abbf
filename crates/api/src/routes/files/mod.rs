//! Journeys as files.

pub(crate) mod export_journey;
pub(crate) mod import_into_journey;
pub(crate) mod import_journey;
mod import_query;
mod report;
