use std::collections::HashMap;

use async_trait::async_trait;

use super::{NotInList, Page, StoreError, Write, WriteError};
use crate::id::{JourneyId, MarkerId};
use crate::marker::Marker;

/// Markers. A marker is on one journey and is found through that journey only.
///
/// Writes compare before they change, as those of [`Journeys`](super::Journeys) do. The same transaction
/// updates the journey's usage, its spatial index entries and its itinerary, so that no reader sees one
/// without the others.
#[async_trait]
pub trait Markers: Send + Sync {
    /// Adds a marker. [`WriteError::ParentGone`] if its journey is gone.
    async fn insert_marker(&self, marker: &Marker, write: &Write) -> Result<(), WriteError>;

    /// Returns a marker on a journey; `None` also for a marker of another journey.
    async fn marker(&self, journey_id: JourneyId, id: MarkerId) -> Result<Option<Marker>, StoreError>;

    /// Returns a journey's markers in [riding order](Marker::riding_order).
    ///
    /// `Err(NotInList)` if the page should begin after a marker that is not on the journey.
    async fn markers_of(
        &self,
        journey_id: JourneyId,
        page: Page<MarkerId>,
    ) -> Result<Result<Vec<Marker>, NotInList>, StoreError>;

    /// Returns the markers of several journeys in riding order; `None` if they are more than `most` together.
    async fn markers_of_all(
        &self,
        journeys: &[JourneyId],
        most: u32,
    ) -> Result<Option<HashMap<JourneyId, Vec<Marker>>>, StoreError>;

    /// Replaces the details of `before` by those of `after`.
    async fn replace_marker(&self, before: &Marker, after: &Marker, write: &Write) -> Result<(), WriteError>;

    /// Removes a marker.
    async fn delete_marker(&self, before: &Marker, write: &Write) -> Result<(), WriteError>;
}
