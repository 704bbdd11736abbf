//! Journeys and markers: what their riders do with them, and what others see of them.

mod access;
mod add_marker;
mod complete;
mod create;
mod delete;
mod delete_marker;
mod list;
mod stats;
mod toggle_active;
mod update;
mod update_marker;
mod view_markers;

pub use access::{OwnJourneyError, ViewJourneyError};
pub use add_marker::AddMarkerError;
pub use create::{CreateJourney, CreateJourneyError};
pub use list::{ActiveJourneyError, ListJourneysError};
pub use stats::JourneyStats;
pub use toggle_active::ToggleActiveError;
pub use update_marker::ChangeMarkerError;
pub use view_markers::{ListMarkersError, ViewMarkerError};

pub use crate::store::JourneyUpdate;
