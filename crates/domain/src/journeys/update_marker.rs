use super::ViewJourneyError;
use crate::Kairos;
use crate::id::{JourneyId, MarkerId};
use crate::marker::{Marker, MarkerDetails};
use crate::store::StoreError;
use crate::user::User;

/// Why a marker was neither changed nor removed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeMarkerError {
    /// There is no journey of this id that the rider may know of.
    #[error("no such journey")]
    JourneyNotFound,
    /// It is not on that journey.
    #[error("no such marker")]
    MarkerNotFound,
    /// The journey is another rider's.
    #[error("another rider's journey")]
    NotYourJourney,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ViewJourneyError> for ChangeMarkerError {
    fn from(error: ViewJourneyError) -> Self {
        match error {
            ViewJourneyError::JourneyNotFound => Self::JourneyNotFound,
            ViewJourneyError::Store(error) => Self::Store(error),
        }
    }
}

impl Kairos {
    /// Overwrites a marker on a rider's own journey; its id, owner and creation stay.
    ///
    /// # Errors
    /// [`ChangeMarkerError`].
    pub async fn update_marker(
        &self,
        rider: &User,
        journey_id: JourneyId,
        id: MarkerId,
        details: &MarkerDetails,
    ) -> Result<Marker, ChangeMarkerError> {
        self.check_own_marker(rider, journey_id, id).await?;
        let updated = self.store.update_marker(journey_id, id, details).await?;
        updated.ok_or(ChangeMarkerError::MarkerNotFound)
    }

    /// Lets only the journey's owner pass: first whether both exist, then whose they are.
    pub(super) async fn check_own_marker(
        &self,
        rider: &User,
        journey_id: JourneyId,
        id: MarkerId,
    ) -> Result<(), ChangeMarkerError> {
        let journey = self.view_journey(rider, journey_id).await?;
        if self.store.marker(journey_id, id).await?.is_none() {
            return Err(ChangeMarkerError::MarkerNotFound);
        }
        // The journey's owner counts: in an old database a marker may name another.
        if journey.user_id == rider.id {
            Ok(())
        } else {
            Err(ChangeMarkerError::NotYourJourney)
        }
    }
}
