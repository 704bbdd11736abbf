//! Journeys and markers: changes by their owner, and views for all riders.

mod access;
mod change;
mod change_markers;
mod create;
mod list;
mod paged_list;
mod stats;
mod view_markers;

pub use access::{ChangeJourneyError, ViewJourneyError};
pub use change::JourneyChange;
pub use change_markers::{ChangeMarkerError, MarkerChange};
pub use create::{CreateJourney, CreateJourneyError};
pub use list::{ActiveJourneyError, ListJourneysError};
pub use paged_list::{PagedList, ReadOnError};
pub use stats::JourneyStats;
pub use view_markers::{ListMarkersError, ViewMarkerError};
