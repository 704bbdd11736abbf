use super::ViewJourneyError;
use crate::Kairos;
use crate::id::{JourneyId, MarkerId};
use crate::marker::Marker;
use crate::store::{Page, StoreError};
use crate::user::User;

/// Why a marker was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewMarkerError {
    /// There is no journey of this id that the reader may know of.
    #[error("no such journey")]
    JourneyNotFound,
    /// It is not on that journey.
    #[error("no such marker")]
    MarkerNotFound,
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a journey's markers were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListMarkersError {
    /// There is no journey of this id that the reader may know of.
    #[error("no such journey")]
    JourneyNotFound,
    /// The page should begin after a marker that is not in the list.
    #[error("no such place in the list")]
    NotInList,
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ViewJourneyError> for ViewMarkerError {
    fn from(error: ViewJourneyError) -> Self {
        match error {
            ViewJourneyError::JourneyNotFound => Self::JourneyNotFound,
            ViewJourneyError::Store(error) => Self::Store(error),
        }
    }
}

impl From<ViewJourneyError> for ListMarkersError {
    fn from(error: ViewJourneyError) -> Self {
        match error {
            ViewJourneyError::JourneyNotFound => Self::JourneyNotFound,
            ViewJourneyError::Store(error) => Self::Store(error),
        }
    }
}

impl Kairos {
    /// Shows a marker to a rider who may see its journey.
    ///
    /// # Errors
    /// [`ViewMarkerError`].
    pub async fn view_marker(
        &self,
        reader: &User,
        journey_id: JourneyId,
        id: MarkerId,
    ) -> Result<Marker, ViewMarkerError> {
        self.view_journey(reader, journey_id).await?;
        self.store
            .marker(journey_id, id)
            .await?
            .ok_or(ViewMarkerError::MarkerNotFound)
    }

    /// Lists a journey's markers in riding order.
    ///
    /// # Errors
    /// [`ListMarkersError`].
    pub async fn list_markers(
        &self,
        reader: &User,
        journey_id: JourneyId,
        page: Page<MarkerId>,
    ) -> Result<Vec<Marker>, ListMarkersError> {
        self.view_journey(reader, journey_id).await?;
        self.store
            .markers_of(journey_id, page)
            .await?
            .map_err(|_| ListMarkersError::NotInList)
    }

    /// All of a journey's markers in riding order, for acts that have checked who may see it.
    pub(crate) async fn all_markers(&self, journey_id: JourneyId) -> Result<Vec<Marker>, StoreError> {
        let markers = self.store.markers_of(journey_id, Page::everything()).await?;
        // `NotInList` is about where a page begins; the whole list begins at its beginning.
        Ok(markers.unwrap_or_default())
    }
}
