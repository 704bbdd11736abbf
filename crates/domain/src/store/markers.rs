use async_trait::async_trait;

use super::{NotInList, Page, StoreError};
use crate::id::{JourneyId, MarkerId};
use crate::marker::{Marker, MarkerDetails};

/// Markers. A marker is on one journey and is found through that journey only.
#[async_trait]
pub trait Markers: Send + Sync {
    /// Adds a marker. Says `false`, and adds nothing, if its journey is gone.
    async fn insert_marker(&self, marker: &Marker) -> Result<bool, StoreError>;

    /// Finds a marker on a journey; `None` also for a marker of another journey.
    async fn marker(&self, journey_id: JourneyId, id: MarkerId) -> Result<Option<Marker>, StoreError>;

    /// How many markers a journey has.
    async fn count_markers(&self, journey_id: JourneyId) -> Result<u64, StoreError>;

    /// A journey's markers in [riding order](Marker::riding_order). `Err(NotInList)` when the page should begin after a marker
    /// that is not on the journey.
    async fn markers_of(
        &self,
        journey_id: JourneyId,
        page: Page<MarkerId>,
    ) -> Result<Result<Vec<Marker>, NotInList>, StoreError>;

    /// Overwrites a marker's details and returns it as it is then; `None` when it is not on that journey.
    async fn update_marker(
        &self,
        journey_id: JourneyId,
        id: MarkerId,
        details: &MarkerDetails,
    ) -> Result<Option<Marker>, StoreError>;

    /// Removes a marker; says whether it was on that journey.
    async fn delete_marker(&self, journey_id: JourneyId, id: MarkerId) -> Result<bool, StoreError>;
}
