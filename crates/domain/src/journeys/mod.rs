//! Journeys and markers: changes by their owner, and views for all riders.

mod access;
mod add_track_positions;
mod change;
mod change_markers;
mod create;
mod export;
mod import;
mod known_markers;
mod lines;
mod list;
mod packed_line;
mod paged_list;
mod put_markers;
mod schedule;
mod stats;
mod view_itinerary;
mod view_markers;

pub use access::{ChangeJourneyError, ViewJourneyError};
pub use change::JourneyChange;
pub use change_markers::{ChangeMarkerError, MarkerChange};
pub use create::{CreateJourney, CreateJourneyError};
pub use export::ExportedJourney;
pub use import::{ImportError, ImportJourney, Imported, ImportedContents};
pub use lines::{ChangeLineError, ViewLineError, ViewedLine};
pub use list::{ActiveJourneyError, ListJourneysError};
pub use packed_line::PackedLine;
pub use paged_list::{PagedList, ReadOnError};
pub use put_markers::{BatchFault, BatchOutcome, BatchStatus, MarkerBatch, PutMarker, PutMarkersError};
pub use schedule::{ChangeScheduleError, ScheduleWithEnd, ViewScheduleError};
pub use stats::JourneyStats;
pub use view_itinerary::{ItineraryQuery, ViewItineraryError};
pub use view_markers::{ListMarkersError, ViewMarkerError};
