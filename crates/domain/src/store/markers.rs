use async_trait::async_trait;

use super::{Batch, Page, StoreError, Write, WriteError};
use crate::id::{JourneyId, MarkerId, UserId};
use crate::marker::{Marker, MarkerPlace, RidingOrder};
use crate::user::User;

/// Markers. A marker is on one journey and is found through that journey only.
///
/// Writes are compare-and-swap, as those of [`Journeys`](super::Journeys). The same transaction updates the
/// journey's usage, its spatial index entries and its itinerary, so that no reader sees one without the
/// others.
#[async_trait]
pub trait Markers: Send + Sync {
    /// Adds a marker. Fails with [`WriteError::ParentGone`] if its journey is gone.
    async fn insert_marker(&self, marker: &Marker, write: &Write) -> Result<(), WriteError>;

    /// Returns a marker on a journey. Returns `None` for a marker of another journey, too.
    async fn marker(&self, journey_id: JourneyId, id: MarkerId) -> Result<Option<Marker>, StoreError>;

    /// Returns those of the given markers that are on a journey, in any order.
    async fn markers_by_id(&self, journey_id: JourneyId, ids: &[MarkerId])
    -> Result<Vec<Marker>, StoreError>;

    /// Returns a page of a journey's markers in [riding order](Marker::riding_order).
    ///
    /// Returns `None` if `reader` may not see the journey, and reads nothing else then.
    async fn markers_of(
        &self,
        journey_id: JourneyId,
        reader: UserId,
        page: Page<RidingOrder>,
    ) -> Result<Option<Batch<Marker>>, StoreError>;

    /// Returns an account, and the first page of a journey's markers as [`markers_of`](Self::markers_of) does for
    /// its rider.
    async fn rider_and_markers(
        &self,
        rider: UserId,
        journey_id: JourneyId,
        limit: u32,
    ) -> Result<(Option<User>, Option<Batch<Marker>>), StoreError>;

    /// Returns the places of all markers of a journey in riding order, without reading their texts.
    ///
    /// Returns `None` if `reader` may not see the journey, and reads nothing else then.
    async fn marker_places_of(
        &self,
        journey_id: JourneyId,
        reader: UserId,
    ) -> Result<Option<Vec<MarkerPlace>>, StoreError>;

    /// Checks whether several journeys have more than `most` markers together.
    async fn have_more_markers_than(
        &self,
        most: u32,
        journeys: &[JourneyId],
        reader: UserId,
    ) -> Result<bool, StoreError>;

    /// Replaces the details of `before` by those of `after`.
    async fn replace_marker(&self, before: &Marker, after: &Marker, write: &Write) -> Result<(), WriteError>;

    /// Removes a marker.
    async fn delete_marker(&self, before: &Marker, write: &Write) -> Result<(), WriteError>;
}
