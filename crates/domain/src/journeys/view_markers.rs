use std::sync::Arc;

use async_trait::async_trait;

use super::ViewJourneyError;
use super::paged_list::{PagedList, Pages};
use crate::Kairos;
use crate::accounts::{AccessToken, AuthenticateError, TokenActError};
use crate::id::{JourneyId, MarkerId, UserId};
use crate::marker::{Marker, RidingOrder};
use crate::store::{Batch, Page, Store, StoreError};
use crate::user::User;

/// Why a marker was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewMarkerError {
    /// No journey that the reader may see has this id.
    #[error("no such journey")]
    JourneyNotFound,
    /// The marker is not on that journey.
    #[error("no such marker")]
    MarkerNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a journey's markers were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListMarkersError {
    /// No journey that the reader may see has this id.
    #[error("no such journey")]
    JourneyNotFound,
    /// The marker after which the page should begin is not in the list.
    #[error("no such place in the list")]
    NotInList,
    /// The store failed.
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
    /// Returns a marker of a journey that the reader may see.
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

    /// Lists a journey's markers in riding order for the rider of a token: at most `limit`, after the marker
    /// `after`.
    ///
    /// Without `after`, one call to the store reads the rider and the first page.
    ///
    /// # Errors
    /// [`AuthenticateError`], then [`ListMarkersError`].
    pub async fn list_markers(
        &self,
        token: AccessToken,
        journey_id: JourneyId,
        after: Option<MarkerId>,
        limit: Option<u32>,
    ) -> Result<PagedList<Marker>, TokenActError<ListMarkersError>> {
        if let Some(after) = after {
            let reader = self.authenticate(token).await?;
            let list = self.list_markers_after(&reader, journey_id, after, limit).await;
            return list.map_err(TokenActError::Act);
        }
        let most = PagedList::<Marker>::first_limit(limit);
        let read = self
            .store
            .rider_and_markers(token.user_id(), journey_id, most)
            .await;
        let (rider, first) = read.map_err(AuthenticateError::Store)?;
        let reader = token.admit(rider)?.id;
        let first = first.ok_or(TokenActError::Act(ListMarkersError::JourneyNotFound))?;
        let list = PagedList::begin(self.pages_of_markers(reader, journey_id), first, limit).await;
        list.map_err(|error| TokenActError::Act(error.into()))
    }

    async fn list_markers_after(
        &self,
        reader: &User,
        journey_id: JourneyId,
        after: MarkerId,
        limit: Option<u32>,
    ) -> Result<PagedList<Marker>, ListMarkersError> {
        self.view_journey(reader, journey_id).await?;
        let last = self.store.marker(journey_id, after).await?;
        let place = last.ok_or(ListMarkersError::NotInList)?.riding_order();
        self.markers_for(reader.id, journey_id, Some(place), limit)
            .await?
            .ok_or(ListMarkersError::JourneyNotFound)
    }

    /// Opens the list of a journey's markers. Returns `None` if the reader may not see the journey.
    pub(crate) async fn markers_for(
        &self,
        reader: UserId,
        journey_id: JourneyId,
        after: Option<RidingOrder>,
        limit: Option<u32>,
    ) -> Result<Option<PagedList<Marker>>, StoreError> {
        PagedList::open(self.pages_of_markers(reader, journey_id), after, limit).await
    }

    fn pages_of_markers(&self, reader: UserId, journey_id: JourneyId) -> Arc<MarkerPages> {
        Arc::new(MarkerPages {
            store: Arc::clone(&self.store),
            journey_id,
            reader,
        })
    }
}

struct MarkerPages {
    store: Arc<dyn Store>,
    journey_id: JourneyId,
    reader: UserId,
}

#[async_trait]
impl Pages<Marker> for MarkerPages {
    async fn read(&self, page: Page<RidingOrder>) -> Result<Option<Batch<Marker>>, StoreError> {
        self.store.markers_of(self.journey_id, self.reader, page).await
    }
}
